#include "apps/amendsd/config/toml_reader.hpp"

#include <limits>

#include "engine/base/text.hpp"

namespace amends::daemon {

Section::~Section() {
  for (const auto& [key, node] : table_)
    if (!asked_.contains(std::string(key.str())))
      complain(node, std::string(key.str()), "is not a known key");
}

void Section::complain(const toml::node& at, const std::string& key, const std::string& what) {
  const auto line = at.source().begin.line;
  const std::string full = path_.empty() ? key : path_ + "." + key;
  findings_.sentences.push_back(origin_ + ":" + std::to_string(line) + ": '" + engine::escape_controls(full) +
                                "' " + what);
}

const toml::node* Section::find(const char* key) {
  asked_.insert(key);
  return table_.get(key);
}

const toml::table* Section::find_table(const char* key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) complain(*node, key, "must be a table");
  return node->as_table();
}

void Section::read(const char* key, std::string& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (const auto value = node->value_exact<std::string>())
    out = *value;
  else
    complain(*node, key, "must be a string");
}

void Section::read(const char* key, bool& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (const auto value = node->value_exact<bool>())
    out = *value;
  else
    complain(*node, key, "must be true or false");
}

void Section::read(const char* key, double& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (value && *value >= 0 && *value <= 1e9)
    out = *value;
  else
    complain(*node, key, "must be a number from 0 to 1e9");
}

void Section::read(const char* key, std::uint32_t& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::int64_t>();
  if (value && *value >= 0 && *value <= std::numeric_limits<std::uint32_t>::max())
    out = static_cast<std::uint32_t>(*value);
  else
    complain(*node, key, "must be a whole number");
}

void Section::read(const char* key, Millis& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto text = node->value_exact<std::string>();
  const auto value = text ? parse_duration(*text) : std::nullopt;
  if (value)
    out = *value;
  else
    complain(*node, key, "must be a duration such as \"250ms\", \"10s\", \"5m\", \"24h\" or \"30d\"");
}

void Section::read(const char* key, std::vector<std::string>& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr || !(array->empty() || array->is_homogeneous<std::string>()))
    return complain(*node, key, "must be a list of strings");
  out.clear();
  for (const toml::node& item : *array) out.push_back(*item.value<std::string>());
}

void Section::read(const char* key, std::vector<std::uint16_t>& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr || !(array->empty() || array->is_homogeneous<std::int64_t>()))
    return complain(*node, key, "must be a list of whole numbers");
  out.clear();
  for (const toml::node& item : *array) {
    const std::int64_t n = *item.value<std::int64_t>();
    if (n < 0 || n > 65535) return complain(*node, key, "holds a number out of range");
    out.push_back(static_cast<std::uint16_t>(n));
  }
}

}  // namespace amends::daemon
