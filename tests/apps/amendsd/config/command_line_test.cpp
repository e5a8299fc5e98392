#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/apps/amendsd/config/read.hpp"

namespace amends::daemon {
namespace {

// A file that is gone after the test.
class File {
 public:
  explicit File(const std::string& text) {
    char place[] = "/tmp/amends-config-XXXXXX";
    dir_ = ::mkdtemp(place);
    std::ofstream(path()) << text;
  }
  ~File() { std::filesystem::remove_all(dir_); }
  std::string path() const { return dir_ + "/amendsd.toml"; }
  const std::string& dir() const { return dir_; }

 private:
  std::string dir_;
};

TEST(Environment, EachVariable) {
  const Read all = read_variables(
      {"AMENDS_LISTEN=127.0.0.1:9", "AMENDS_DATA_DIR=/d", "AMENDS_LOG_LEVEL=debug", "AMENDS_ENGINE_ID=e",
       "AMENDS_STORE=postgres://a/b", "AMENDS_PLUGINS=/a.so:/b.so", "HOME=/root", "AMENDS_URL=x"});

  ASSERT_TRUE(all.findings.ok());
  EXPECT_EQ(all.config.server.port, 9);
  EXPECT_EQ(all.config.data_dir, "/d");
  EXPECT_EQ(all.config.log_level, "debug");
  EXPECT_EQ(all.config.engine.id, "e");
  EXPECT_EQ(all.config.store_url, "postgres://a/b");
  EXPECT_EQ(all.config.plugins, (std::vector<std::string>{"/a.so", "/b.so"}));
}

TEST(Environment, AVariableThatIsNoneOfOursWasMeantToDoSomething) {
  EXPECT_TRUE(read_variables({"AMENDS_LISTNE=127.0.0.1:9"}).says("AMENDS_LISTNE"));
  EXPECT_TRUE(read_variables({"AMENDS_LISTEN=nowhere"}).says("AMENDS_LISTEN must be HOST:PORT"));
}

TEST(CommandLine, FlagsGoBeforeVariablesAndVariablesBeforeTheFile) {
  const File file(
      "[server]\nlisten = \"127.0.0.1:1\"\n[store]\npath = \"/file\"\n[log]\nlevel = \"debug\"\n");
  const auto line = read_flags({"--config", file.path().c_str(), "--port", "3"},
                               {"AMENDS_LISTEN=127.0.0.1:2", "AMENDS_DATA_DIR=/variable"});

  EXPECT_FALSE(line.exit_code);
  EXPECT_EQ(line.config.server.port, 3);
  EXPECT_EQ(line.config.data_dir, "/variable");
  EXPECT_EQ(line.config.log_level, "debug");
}

TEST(CommandLine, EachFlag) {
  const auto line = read_flags({"--listen", "0.0.0.0:9", "--data-dir", "/d", "--plugin", "/a.so", "--plugin",
                                "/b.so", "--ready-file", "/r", "--engine-id", "e", "--log-level", "error",
                                "--allow-unauthenticated", "--check"});

  ASSERT_FALSE(line.exit_code);
  EXPECT_TRUE(line.check_only);
  EXPECT_EQ(line.config.server.host, "0.0.0.0");
  EXPECT_EQ(line.config.server.ready_file, "/r");
  EXPECT_EQ(line.config.engine.id, "e");
  EXPECT_EQ(line.config.log_level, "error");
  EXPECT_EQ(line.config.plugins, (std::vector<std::string>{"/a.so", "/b.so"}));
}

TEST(CommandLine, TheFileMayBeNamedByAVariableAndSaysWhereItsPluginsAre) {
  const File file("[plugins]\npaths = [\"x/a.so\", \"/b.so\"]\n");
  const std::string variable = "AMENDS_CONFIG=" + file.path();
  const auto line = read_flags({}, {variable.c_str()});

  ASSERT_FALSE(line.exit_code);
  EXPECT_EQ(line.config.plugins, (std::vector<std::string>{file.dir() + "/x/a.so", "/b.so"}));
}

TEST(CommandLine, WhatIsWrongEndsWith2AndHelpWith0) {
  EXPECT_EQ(read_flags({"--nonsense"}).exit_code, 2);
  EXPECT_EQ(read_flags({"--port", "65536"}).exit_code, 2);
  EXPECT_EQ(read_flags({"--listen", "0.0.0.0:9"}).exit_code, 2);
  EXPECT_EQ(read_flags({"--config", "/no/such/file"}).exit_code, 2);
  EXPECT_EQ(read_flags({"--config", "/tmp"}).exit_code, 2);
  EXPECT_EQ(read_flags({"--log-level", "loud"}).exit_code, 2);
  EXPECT_EQ(read_flags({"--help"}).exit_code, 0);
  EXPECT_EQ(read_flags({"--version"}).exit_code, 0);
}

}  // namespace
}  // namespace amends::daemon
