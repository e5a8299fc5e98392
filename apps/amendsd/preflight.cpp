#include "apps/amendsd/preflight.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace amends::daemon {
namespace {

namespace fs = std::filesystem;

std::string read_trouble(const std::string& file) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) return "is a directory";
  // Asked before the open: that of a FIFO would wait for a writer.
  if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored)) return "is not a regular file";
  if (std::ifstream(file).is_open()) return {};
  return std::string("cannot be read: ") + std::strerror(errno);
}

// A secret by reference: what it names should be there.
void check_reference(const std::string& key, const std::string& reference, ConfigFindings& findings) {
  const auto warn = [&](const std::string& what) { findings.warnings.push_back(findings.about(key, what)); };
  if (reference.starts_with("env:")) {
    const std::string name = reference.substr(4);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == 0) warn("names the variable " + name + ", which is not set");
  } else if (reference.starts_with("file:/")) {
    const std::string file = reference.substr(5);
    if (const auto why = read_trouble(file); !why.empty()) warn("names " + file + ", which " + why);
  }
}

// The adapter's names for what the configuration calls otherwise.
std::string key_of(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> names = {
      {{"base_url", "url"},
       {"timeout_max", "timeout"},
       {"concurrency_max", "concurrency"},
       {"rate_per_second", "rate"},
       {"rate_burst", "burst"}}};
  for (const auto& [theirs, ours] : names)
    if (word == theirs) return std::string(ours);
  return std::string(word);
}

// What the adapter says about an endpoint, in the configuration's words and with its line; what reading the
// file has said already is not said twice.
void translate(const EndpointFinding& finding, ConfigFindings& findings) {
  const std::string key = "endpoints." + finding.endpoint;
  const auto from = finding.sentence.find("': ");
  const std::string said = from == std::string::npos ? finding.sentence : finding.sentence.substr(from + 3);
  const auto word = said.find(' ');
  const std::string whose = key + "." + key_of(std::string_view(said).substr(0, word));
  const bool given = findings.places.contains(whose);
  if (findings.says_about(given ? whose : key)) return;
  findings.say(given ? whose : key, given ? said.substr(word + 1) : "is not usable: " + said);
}

void warn(const EndpointFinding& finding, ConfigFindings& findings) {
  findings.warnings.push_back(findings.about("endpoints." + finding.endpoint + ".url", finding.sentence));
}

}  // namespace

void preflight(const Config& config, const std::vector<EndpointFinding>& of_endpoints,
               const std::vector<EndpointFinding>& warnings, const engine::Host& host,
               ConfigFindings& findings) {
  for (const EndpointFinding& finding : of_endpoints) translate(finding, findings);
  for (const EndpointFinding& warning : warnings) warn(warning, findings);
  for (const EndpointConfig& endpoint : config.endpoints) {
    check_reference("endpoints." + endpoint.name + ".bearer", endpoint.bearer, findings);
    check_reference("endpoints." + endpoint.name + ".password", endpoint.password, findings);
    if (endpoint.ca_file.empty()) continue;
    if (const auto why = read_trouble(endpoint.ca_file); !why.empty())
      findings.warnings.push_back(findings.about("endpoints." + endpoint.name + ".ca_file",
                                                 "names " + endpoint.ca_file + ", which " + why));
  }
  for (const engine::Refusal& refusal : host.refusals())
    findings.warnings.push_back(refusal.path + ": " + refusal.reason);
}

std::string try_data_dir(const std::string& dir) {
  std::error_code error;
  fs::path missing = fs::absolute(dir).lexically_normal();
  if (!missing.has_filename()) missing = missing.parent_path();
  std::vector<fs::path> made;
  for (fs::path at = missing; !fs::exists(at, error) && at.has_relative_path(); at = at.parent_path())
    made.push_back(at);
  const fs::path there = made.empty() ? missing : made.back().parent_path();
  std::string why;
  if (!fs::is_directory(there, error))
    why = there.string() + " is not a directory";
  else if (::access(there.c_str(), W_OK | X_OK) != 0)
    why = std::strerror(errno);
  else if (fs::create_directories(missing, error); error)
    why = error.message();
  for (const fs::path& one : made) fs::remove(one, error);
  return why.empty() ? "" : "cannot be used: " + dir + ": " + why;
}

}  // namespace amends::daemon
