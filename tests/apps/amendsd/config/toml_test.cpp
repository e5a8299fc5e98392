#include <gtest/gtest.h>

#include "tests/apps/amendsd/config/read.hpp"

namespace amends::daemon {
namespace {

using namespace std::chrono_literals;

TEST(Toml, NothingIsAGoodConfiguration) {
  const Read nothing = read("");

  EXPECT_TRUE(nothing.findings.ok());
  EXPECT_EQ(nothing.config.server.host, "127.0.0.1");
  EXPECT_EQ(nothing.config.server.port, 7425);
  EXPECT_EQ(nothing.config.data_dir, "./amends-data");
  EXPECT_EQ(nothing.config.retention.finished, std::nullopt);
}

TEST(Toml, EveryKeyIsRead) {
  const Read all = read(R"(
[server]
listen = "127.0.0.2:9000"
hosts = ["amends.internal"]
workers = 3
body_bytes_max = 2048
connections_max = 20
allow_unauthenticated = true
[engine]
id = "graz-1"
author_threads = 4
author_limit = "250ms"
keys_retention = "7d"
drain_limit = "5m"
[retention]
finished = "90d"
archive = "/var/lib/amends/archive"
share = 0.25
[store]
path = "/tmp/store"
url = "postgres://amends@db.example/amends"
[plugins]
paths = ["a.so", "b.so"]
[http]
threads = 2
[log]
level = "debug"
[endpoints.stock]
url = "https://stock.example"
idempotency = "barrier"
remembers = "30d"
timeout = "2s"
concurrency = 7
rate = 2.5
burst = 3
response_bytes_max = 4096
allow_private = ["10.0.0.0/8"]
refused_means_not_done = [503]
undo_absent_is_done = true
bearer = "env:STOCK_TOKEN"
ca_file = "/etc/ca.pem"
headers = { "X-Shop" = "graz" }
)");

  ASSERT_TRUE(all.findings.ok()) << all.findings.sentences.front();
  const Config& c = all.config;
  EXPECT_EQ(c.server.host, "127.0.0.2");
  EXPECT_EQ(c.server.port, 9000);
  EXPECT_EQ(c.server.hosts, std::vector<std::string>{"amends.internal"});
  EXPECT_EQ(c.server.workers, 3u);
  EXPECT_EQ(c.server.body_bytes_max, 2048u);
  EXPECT_EQ(c.server.connections_max, 20u);
  EXPECT_TRUE(c.server.allow_unauthenticated);
  EXPECT_EQ(c.engine.id, "graz-1");
  EXPECT_EQ(c.engine.author_threads, 4u);
  EXPECT_EQ(c.engine.author_limit, 250ms);
  EXPECT_EQ(c.engine.keys_retention, 7 * 24h);
  EXPECT_EQ(c.engine.drain_limit, 5min);
  EXPECT_EQ(c.retention.finished, 90 * 24h);
  EXPECT_EQ(c.retention.archive, "/var/lib/amends/archive");
  EXPECT_EQ(c.retention.share, 0.25);
  EXPECT_EQ(c.data_dir, "/tmp/store");
  EXPECT_EQ(c.store_url, "postgres://amends@db.example/amends");
  EXPECT_EQ(c.plugins, (std::vector<std::string>{"a.so", "b.so"}));
  EXPECT_EQ(c.http_threads, 2u);
  EXPECT_EQ(c.log_level, "debug");
  ASSERT_EQ(c.endpoints.size(), 1u);
  const EndpointConfig& e = c.endpoints.front();
  EXPECT_EQ(e.name, "stock");
  EXPECT_EQ(e.facts.idempotency, engine::Idempotency::barrier);
  EXPECT_EQ(e.facts.remembers, 30 * 24h);
  EXPECT_EQ(e.timeout_max, 2s);
  EXPECT_EQ(e.concurrency, 7u);
  EXPECT_EQ(e.rate, 2.5);
  EXPECT_EQ(e.burst, 3u);
  EXPECT_EQ(e.response_bytes_max, 4096u);
  EXPECT_EQ(e.allow_private, std::vector<std::string>{"10.0.0.0/8"});
  EXPECT_EQ(e.refused_means_not_done, std::vector<std::uint16_t>{503});
  EXPECT_TRUE(e.undo_absent_is_done);
  EXPECT_EQ(e.bearer, "env:STOCK_TOKEN");
  EXPECT_EQ(e.ca_file, "/etc/ca.pem");
  EXPECT_EQ(e.headers.size(), 1u);
}

TEST(Toml, AnUnknownKeyIsNamedWithItsLine) {
  EXPECT_TRUE(
      read("[server]\nworkers = 1\nwrokers = 2\n").says("a.toml:3: 'server.wrokers' is not a known key"));
  EXPECT_TRUE(read("\n\nsevrer = 1\n").says("a.toml:3: 'sevrer' is not a known key"));
  EXPECT_TRUE(
      read("[endpoints.a]\nurl = \"http://a\"\ntimeuot = \"1s\"\n").says("a.toml:3: 'endpoints.a.timeuot'"));
  for (const char* section : {"server", "engine", "retention", "store", "plugins", "http", "log"})
    EXPECT_TRUE(
        read(std::string("[") + section + "]\nx = 1\n").says(std::string("a.toml:2: '") + section + ".x'"));
}

TEST(Toml, WhatIsNoTomlIsNamedWithItsLine) {
  EXPECT_TRUE(read("[server]\nworkers = \n").says("a.toml:2: "));
  EXPECT_TRUE(read("[server\n").says("a.toml:1: "));
  EXPECT_TRUE(read("a = 1\na = 2\n").says("a.toml:2: "));
  EXPECT_FALSE(read(std::string("a = \"\xff\"\n")).findings.ok());
}

TEST(Toml, AWrongTypeIsNamedWithItsLine) {
  EXPECT_TRUE(read("[server]\nworkers = \"8\"\n").says("a.toml:2: 'server.workers' must be a whole number"));
  EXPECT_TRUE(read("[server]\nworkers = -1\n").says("'server.workers' must be a whole number"));
  EXPECT_TRUE(read("[server]\nworkers = 4294967297\n").says("'server.workers' must be a whole number"));
  EXPECT_TRUE(read("[server]\nhosts = [1]\n").says("'server.hosts' must be a list of strings"));
  EXPECT_TRUE(read("[store]\npath = 1\n").says("'store.path' must be a string"));
  EXPECT_TRUE(read("[server]\nallow_unauthenticated = 1\n").says("must be true or false"));
  EXPECT_TRUE(read("[engine]\nauthor_limit = 5\n").says("'engine.author_limit' must be a duration"));
  EXPECT_TRUE(read("server = 1\n").says("a.toml:1: 'server' must be a table"));
  EXPECT_TRUE(read("[endpoints]\na = 1\n").says("a.toml:2: 'endpoints.a' must be a table"));
  EXPECT_TRUE(
      read("[endpoints.a]\nurl = \"http://a\"\nrate = \"x\"\n").says("'endpoints.a.rate' must be a number"));
}

TEST(Toml, SagasStayForEverWhereItSaysSoAndAnArchiveIsThenOfNoUse) {
  EXPECT_EQ(read("[retention]\nfinished = \"forever\"\n").config.retention.finished, std::nullopt);
  EXPECT_TRUE(read("[retention]\nfinished = \"never\"\n")
                  .says("a.toml:2: 'retention.finished' must be a duration such as \"30d\", or \"forever\""));
  EXPECT_TRUE(read("[retention]\nfinished = 30\n").says("'retention.finished' must be a duration"));
  const Read idle = read("[retention]\narchive = \"/a\"\n");
  EXPECT_TRUE(idle.findings.ok());
  ASSERT_EQ(idle.findings.warnings.size(), 1u);
  EXPECT_EQ(idle.findings.warnings.front(),
            "a.toml:2: 'retention.archive' has no effect: without retention.finished no saga leaves");
}

TEST(Toml, MoreWritersThanOneNeedPostgres) {
  const auto with = [](const std::string& writers) {
    return read("[store]\nurl = \"postgres://a/b\"\n[engine]\nwriters = " + writers + "\n");
  };

  EXPECT_EQ(read("").config.engine.writers, 1u);
  EXPECT_TRUE(read("[engine]\nwriters = 1\n").findings.ok());
  EXPECT_TRUE(read("[engine]\nwriters = 2\n")
                  .says("a.toml:2: 'engine.writers' must be 1: the embedded store has one writer"));
  EXPECT_EQ(with("8").config.engine.writers, 8u);
  EXPECT_TRUE(with("8").findings.ok());
  EXPECT_TRUE(with("0").says("'engine.writers'"));
  EXPECT_TRUE(with("9").says("'engine.writers'"));
}

TEST(Toml, EveryFindingIsSaidAtOnce) {
  const Read bad = read("[server]\nworkers = 0\nx = 1\n[log]\nlevel = \"loud\"\n");

  EXPECT_EQ(bad.findings.sentences.size(), 3u);
}

TEST(Toml, WhatTheLibraryTakesForImpossibleIsAFindingWithItsLine) {
  EXPECT_EQ(read("[log]\n[::]:80\n").findings.sentences.front(), "a.toml:2: this is not TOML");
  EXPECT_TRUE(read("# \xd0\xb6\n[log]\nlevel = \xd0\xb6\n").says("a.toml:3: "));
}

TEST(Toml, AFindingCanBePrintedWhateverStandsInTheFile) {
  for (const char* text : {"[endpoints]\n\"\\u001b[2J\" = 1\n", "a = t\x0eue\n", "\"\\n\" = 1\n"}) {
    const std::string sentence = read(text).findings.sentences.front();

    EXPECT_EQ(sentence.find_first_of("\x1b\x0e\n"), std::string::npos) << sentence;
  }
}

}  // namespace
}  // namespace amends::daemon
