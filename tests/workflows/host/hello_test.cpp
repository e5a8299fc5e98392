// The small plugins, as their READMEs show them.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engine/definition/picture.hpp"
#include "workflows/host/host.hpp"

namespace amends::engine {
namespace {

// The plan's picture as a README shows it.
std::string drawn(const std::string& plugin, const std::string& workflow) {
  const Host host({PLUGINS "/" + plugin});
  EXPECT_TRUE(host.refusals().empty());
  std::istringstream lines(picture(*host.find_plan(workflow)));
  std::string indented, line;
  while (std::getline(lines, line)) indented += line.empty() ? "\n" : "    " + line + "\n";
  return indented;
}

std::string readme(const std::string& sample) {
  std::stringstream text;
  text << std::ifstream(SOURCE_DIR "/samples/" + sample + "/README.md").rdbuf();
  return text.str();
}

TEST(Hello, IsDrawnInItsReadmeAsItIs) {
  const std::string picture = drawn("hello.so", "hello");
  EXPECT_NE(readme("01_hello_saga").find(picture), std::string::npos) << picture;
}

TEST(SendParcel, IsDrawnInItsReadmeAsItIs) {
  const std::string picture = drawn("send_parcel.so", "send-parcel");
  EXPECT_NE(readme("04_local_step").find(picture), std::string::npos) << picture;
}

}  // namespace
}  // namespace amends::engine
