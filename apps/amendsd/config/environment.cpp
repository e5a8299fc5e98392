#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>
#include <utility>

#include "apps/amendsd/config/config.hpp"
#include "engine/base/text.hpp"

namespace amends::daemon {
namespace {

// AMENDS_URL is the command line client's, AMENDS_FAILPOINT the crash tests'.
constexpr std::array<std::string_view, 10> known_names = {
    "AMENDS_CONFIG",    "AMENDS_LISTEN",  "AMENDS_DATA_DIR", "AMENDS_STORE",     "AMENDS_LOG_LEVEL",
    "AMENDS_ENGINE_ID", "AMENDS_PLUGINS", "AMENDS_URL",      "AMENDS_FAILPOINT", "AMENDS_ADVERTISE"};

// Levenshtein's distance: letters to put in, take out or change.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

// Ours, or a neighbour's? In a cluster each service sets variables for the others by its name, and an
// operator's token may well be called AMENDS_PAYMENTS_TOKEN.
void judge_unknown(std::string_view name, const Config& config, ConfigFindings& findings) {
  for (const EndpointConfig& endpoint : config.endpoints)
    if (endpoint.bearer == "env:" + std::string(name) || endpoint.password == "env:" + std::string(name))
      return;
  const std::string shown = engine::escape_controls(name.substr(0, 80));
  if (name.size() <= 40)
    for (const std::string_view known : known_names)
      if (distance(name, known) <= 2)
        return findings.sentences.push_back(shown + " is not a known variable; did you mean " +
                                            std::string(known) + "?");
  findings.warnings.push_back(shown + " is not a variable of amendsd: it has no effect");
}

void read_plugins(std::string_view value, Config& config) {
  for (std::size_t from = 0; from <= value.size();) {
    const std::size_t to = std::min(value.find(':', from), value.size());
    if (to > from)
      config.plugins.push_back(
          std::filesystem::absolute(value.substr(from, to - from)).lexically_normal().string());
    from = to + 1;
  }
}

}  // namespace

void read_environment(const char* const* environment, Config& config, ConfigFindings& findings) {
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry(*environment);
    const auto equals = entry.find('=');
    if (entry.substr(0, 7) != "AMENDS_" || equals == std::string_view::npos) continue;
    const std::string name(entry.substr(0, equals));
    const std::string value(entry.substr(equals + 1));
    const auto take = [&](const char* key, std::string& out) {
      out = value;
      findings.places[key] = name;
    };
    if (name == "AMENDS_LISTEN") {
      findings.places["server.listen"] = name;
      if (!parse_listen(value, config.server))
        findings.sentences.push_back("AMENDS_LISTEN must be HOST:PORT; an IPv6 address stands in brackets");
    } else if (name == "AMENDS_DATA_DIR") {
      take("store.path", config.data_dir);
    } else if (name == "AMENDS_STORE") {
      take("store.url", config.store_url);
    } else if (name == "AMENDS_LOG_LEVEL") {
      take("log.level", config.log_level);
    } else if (name == "AMENDS_ADVERTISE") {
      take("server.advertise", config.server.advertise);
    } else if (name == "AMENDS_ENGINE_ID") {
      take("engine.id", config.engine.id);
    } else if (name == "AMENDS_PLUGINS") {
      read_plugins(value, config);
    } else if (std::find(known_names.begin(), known_names.end(), name) == known_names.end()) {
      judge_unknown(name, config, findings);
    }
  }
}

}  // namespace amends::daemon
