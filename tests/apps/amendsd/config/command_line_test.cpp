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

TEST(Environment, AVariableThatReadsAlmostLikeOursWasMeantToBeIt) {
  EXPECT_TRUE(read_variables({"AMENDS_LISTNE=127.0.0.1:9"})
                  .says("AMENDS_LISTNE is not a known variable; did you mean AMENDS_LISTEN?"));
  EXPECT_TRUE(read_variables({"AMENDS_DATADIR=/d"}).says("did you mean AMENDS_DATA_DIR?"));
  EXPECT_TRUE(read_variables({"AMENDS_LISTEN=nowhere"}).says("AMENDS_LISTEN must be HOST:PORT"));
}

TEST(Environment, ANeighboursVariableIsAWarningAndABearersNone) {
  const Read foreign = read_variables(
      {"AMENDS_PORT=tcp://10.0.0.1:7425", "AMENDS_SERVICE_HOST=10.0.0.1", "AMENDS_PAYMENTS_TOKEN=s3cret"});
  EXPECT_TRUE(foreign.findings.ok()) << foreign.findings.sentences.front();
  ASSERT_EQ(foreign.findings.warnings.size(), 3u);
  EXPECT_EQ(foreign.findings.warnings[2],
            "AMENDS_PAYMENTS_TOKEN is not a variable of amendsd: it has no effect");

  Read named =
      read("[endpoints.a]\nurl = \"http://a\"\nidempotency = \"key\"\nbearer = \"env:AMENDS_LISTENER\"\n");
  const char* variables[] = {"AMENDS_LISTENER=s3cret", nullptr};
  read_environment(variables, named.config, named.findings);
  EXPECT_TRUE(named.findings.sorted().empty());
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

TEST(CommandLine, APluginThatNamesNoFileIsAFinding) {
  const CommandLine line = read_flags({"--plugin", ""});

  ASSERT_EQ(line.findings.sentences.size(), 1u);
  EXPECT_EQ(line.findings.sentences.front(), "--plugin must name a file");
}

TEST(CommandLine, AnUnknownFlagEndsWith2AndHelpWith0) {
  EXPECT_EQ(read_flags({"--nonsense"}).exit_code, 2);
  EXPECT_EQ(read_flags({"--port", "65536"}).exit_code, 2);
  EXPECT_EQ(read_flags({"--help"}).exit_code, 0);
  EXPECT_EQ(read_flags({"--version"}).exit_code, 0);
}

std::string only_finding(const std::vector<const char*>& flags) {
  const auto line = read_flags(flags);
  const auto all = line.findings.sorted();
  return line.exit_code || all.size() != 1 ? std::to_string(all.size()) + " findings" : all.front();
}

TEST(CommandLine, WhatIsWrongNamesItsFlagOrItsFile) {
  EXPECT_EQ(only_finding({"--listen", "0.0.0.0:9"}),
            "--listen: 'server.listen' must not be '0.0.0.0': there is no authentication yet; use a loopback "
            "address, or say --allow-unauthenticated");
  EXPECT_EQ(only_finding({"--listen", "::1"}),
            "--listen must be HOST:PORT; an IPv6 address stands in brackets: [::1]:7425");
  EXPECT_EQ(only_finding({"--listen", "[::1]:9"}), "0 findings");
  EXPECT_EQ(only_finding({"--config", "/no/such/file"}),
            "/no/such/file: the configuration file cannot be read: No such file or directory");
  EXPECT_EQ(only_finding({"--config", "/tmp"}), "/tmp: is a directory, not a configuration file");
  EXPECT_EQ(only_finding({"--log-level", "loud"}),
            "--log-level: 'log.level' must be debug, info, warning or error");
}

TEST(Findings, AreInTheOrderOfTheFile) {
  const std::string lines(8, '\n');
  const Read one =
      read(lines + "[server]\nworkers = 0\nbody_bytes_max = -5\n[engine]\nid = \"A\"\n[log]\nx = 1\n");
  EXPECT_EQ(one.findings.sorted(),
            (std::vector<std::string>{
                "a.toml:10: 'server.workers' must be a whole number from 1 to 256",
                "a.toml:11: 'server.body_bytes_max' must be a whole number from 1024 to 67108864",
                "a.toml:13: 'engine.id' must be 1 to 64 of a-z, 0-9, '-' and '_'",
                "a.toml:15: 'log.x' is not a known key"}));
  const Read other = read("[log]\nx = 1\n" + lines + "[server]\nworkers = 0\n");
  EXPECT_EQ(other.findings.sorted().front(), "a.toml:2: 'log.x' is not a known key");
}

}  // namespace
}  // namespace amends::daemon
