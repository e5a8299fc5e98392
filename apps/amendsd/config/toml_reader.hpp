// A TOML table that knows which of its keys were asked for: the rest are errors that name their line.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "apps/amendsd/config/config.hpp"
#include "apps/amendsd/config/toml_library.hpp"

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
  // A whole number from `min` to `max`.
  template <typename Number>
  void read(const char* key, Number& out, std::uint64_t min, std::uint64_t max) {
    if (const auto value = find_whole(key, min, max)) out = static_cast<Number>(*value);
  }
  // A duration text. Of a century at the most, which any clock of ours can be moved by.
  void read(const char* key, Millis& out, Millis min = Millis(0), Millis max = retention_max);
  void read(const char* key, std::vector<std::string>& out);
  void read(const char* key, std::vector<std::uint16_t>& out, std::uint16_t min, std::uint16_t max);

  // The sub-table; nullptr when absent, a finding when it is something else.
  const toml::table* find_table(const char* key);
  const toml::node* find(const char* key);

  void complain(const toml::node& at, const std::string& key, const std::string& what);
  const toml::table& table() const { return table_; }

 private:
  std::optional<std::uint64_t> find_whole(const char* key, std::uint64_t min, std::uint64_t max);
  std::string full(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }
  std::string place(const toml::node& at) const;

  const toml::table& table_;
  std::string path_;
  const std::string& origin_;
  ConfigFindings& findings_;
  std::set<std::string> asked_;
};

}  // namespace amends::daemon
