// The author's guide shows the sample as it is.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(SOURCE_DIR "/" + path);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

TEST(FirstWorkflow, QuotesTheSampleWordForWord) {
  const std::string guide = text_of("docs/authoring/first-workflow.md");
  const std::string sample = text_of("samples/01_hello_saga/hello.cpp");
  const std::string fence = "```cpp\n";

  int quoted = 0;
  for (auto at = guide.find(fence); at != std::string::npos; at = guide.find(fence, at + 1)) {
    const auto begin = at + fence.size();
    const std::string code = guide.substr(begin, guide.find("```", begin) - begin);
    EXPECT_NE(sample.find(code), std::string::npos) << code;
    ++quoted;
  }

  EXPECT_GT(quoted, 0);
}

// Whoever pastes the page's blocks in their order has the whole program, but for the unnamed namespace around
// it.
TEST(FirstWorkflow, LeavesNoLineOfTheSampleOut) {
  const std::string guide = text_of("docs/authoring/first-workflow.md");
  std::istringstream sample(text_of("samples/01_hello_saga/hello.cpp"));
  int lines = 0;
  for (std::string line; std::getline(sample, line); ++lines) {
    const bool frame = line.empty() || line.starts_with("//") || line.find("namespace") != std::string::npos;
    if (frame) continue;
    EXPECT_NE(guide.find(line), std::string::npos) << line;
  }
  EXPECT_GT(lines, 0);
}

}  // namespace
