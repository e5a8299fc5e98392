// A configuration as its text, environment or flags would make it, and what is said about it.
#pragma once
#include <string>
#include <vector>

#include "apps/amendsd/config/config.hpp"

namespace amends::daemon {

struct Read {
  Config config;
  ConfigFindings findings;

  bool says(const std::string& part) const {
    for (const std::string& sentence : findings.sentences)
      if (sentence.find(part) != std::string::npos) return true;
    return false;
  }
};

// Read and checked.
inline Read read(const std::string& toml) {
  Read out;
  read_toml(toml, "a.toml", out.config, out.findings);
  check(out.config, out.findings);
  return out;
}

inline Read read_variables(std::vector<const char*> variables) {
  variables.push_back(nullptr);
  Read out;
  read_environment(variables.data(), out.config, out.findings);
  check(out.config, out.findings);
  return out;
}

inline CommandLine read_flags(std::vector<const char*> flags, std::vector<const char*> variables = {}) {
  flags.insert(flags.begin(), "amendsd");
  variables.push_back(nullptr);
  return read_command_line(static_cast<int>(flags.size()), flags.data(), variables.data());
}

}  // namespace amends::daemon
