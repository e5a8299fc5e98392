// A TOML table that knows which of its keys were asked for: the rest are errors that name their line.
#pragma once
#include <toml++/toml.h>

#include <set>
#include <string>
#include <vector>

#include "apps/amendsd/config/config.hpp"

namespace amends::daemon {

class Section {
 public:
  Section(const toml::table& table, std::string path, const std::string& origin, ConfigFindings& findings)
      : table_(table), path_(std::move(path)), origin_(origin), findings_(findings) {}
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;
  // Reports every key that nobody asked for.
  ~Section();

  void read(const char* key, std::string& out);
  void read(const char* key, bool& out);
  void read(const char* key, double& out);
  void read(const char* key, std::uint32_t& out);
  void read(const char* key, Millis& out);  // a duration text
  void read(const char* key, std::vector<std::string>& out);
  void read(const char* key, std::vector<std::uint16_t>& out);

  // The sub-table; nullptr when absent, a finding when it is something else.
  const toml::table* find_table(const char* key);
  const toml::node* find(const char* key);

  void complain(const toml::node& at, const std::string& key, const std::string& what);
  const toml::table& table() const { return table_; }

 private:
  const toml::table& table_;
  std::string path_;
  const std::string& origin_;
  ConfigFindings& findings_;
  std::set<std::string> asked_;
};

}  // namespace amends::daemon
