// The configuration file: it is understood, or every sentence about it says where and can be printed.
#include "apps/amendsd/config/config.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using daemon::Config;
using daemon::ConfigFindings;

constexpr std::chrono::hours century{24 * 36'525};

void hold_time(engine::Millis time) {
  AMENDS_HOLDS(time.count() >= 0 && time <= century, "a duration can be added to any time of ours");
}

void hold_config(const Config& config) {
  hold_time(config.engine.lease);
  hold_time(config.engine.author_limit);
  hold_time(config.engine.keys_retention);
  hold_time(config.engine.drain_limit);
  if (config.retention.finished) hold_time(*config.retention.finished);
  AMENDS_HOLDS(config.retention.share >= 0.001 && config.retention.share <= 1, "a share is one");
  AMENDS_HOLDS(config.server.workers >= 1 && config.server.workers <= 256, "workers keep their range");
  AMENDS_HOLDS(config.server.body_bytes_max <= 64u << 20, "bodies keep their bound");
  AMENDS_HOLDS(config.http_threads >= 1 && config.http_threads <= 8, "threads keep their range");
  for (const daemon::EndpointConfig& endpoint : config.endpoints) {
    hold_time(endpoint.facts.remembers);
    hold_time(endpoint.timeout_max);
    AMENDS_HOLDS(endpoint.rate >= 0 && endpoint.concurrency >= 1, "an endpoint's pace is one");
  }
}

}  // namespace

AMENDS_FUZZ_TARGET(toml) {
  Config config, again;
  ConfigFindings findings, same;
  daemon::read_toml(input, "a.toml", config, findings);
  daemon::read_toml(input, "a.toml", again, same);
  check(config, findings);
  check(again, same);
  AMENDS_HOLDS(findings.sentences == same.sentences && findings.warnings == same.warnings,
               "read twice, it is the same");
  for (const std::string& sentence : findings.sorted())
    AMENDS_HOLDS(is_sentence(sentence, 1'000), "what is wrong with it is said in short printable sentences");
  if (findings.ok()) hold_config(config);
}

}  // namespace amends::fuzz
