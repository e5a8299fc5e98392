// The smallest plugin, as its README shows it.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engine/definition/picture.hpp"
#include "workflows/host/host.hpp"

namespace amends::engine {
namespace {

TEST(Hello, IsDrawnInItsReadmeAsItIs) {
  const Host host({PLUGINS "/hello.so"});
  ASSERT_TRUE(host.refusals().empty());
  std::stringstream readme;
  readme << std::ifstream(SOURCE_DIR "/samples/01_hello_saga/README.md").rdbuf();

  std::istringstream drawn(picture(*host.find_plan("hello")));
  std::string indented, line;
  while (std::getline(drawn, line)) indented += line.empty() ? "\n" : "    " + line + "\n";

  EXPECT_NE(readme.str().find(indented), std::string::npos) << indented;
}

}  // namespace
}  // namespace amends::engine
