#include "apps/amendsd/config/toml_reader.hpp"

#include "engine/base/text.hpp"

namespace amends::daemon {

Section::~Section() {
  for (const auto& [key, node] : table_)
    if (!asked_.contains(std::string(key.str())))
      complain(node, std::string(key.str()), "is not a known key");
}

void Section::complain(const toml::node& at, const std::string& key, const std::string& what) {
  findings_.sentences.push_back(place(at) + ": '" + engine::escape_controls(full(key)) + "' " + what);
}

std::string Section::place(const toml::node& at) const {
  return origin_ + ":" + std::to_string(at.source().begin.line);
}

const toml::node* Section::find(const char* key) {
  asked_.insert(key);
  const toml::node* node = table_.get(key);
  if (node != nullptr) findings_.places[full(key)] = place(*node);
  return node;
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

std::optional<std::uint64_t> Section::find_whole(const char* key, std::uint64_t min, std::uint64_t max) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (value && *value >= 0 && static_cast<std::uint64_t>(*value) >= min &&
      static_cast<std::uint64_t>(*value) <= max)
    return static_cast<std::uint64_t>(*value);
  complain(*node, key, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

namespace {

std::string shown(Millis time) {
  if (time == retention_max) return std::to_string(time.count() / 86'400'000) + "d";
  if (time.count() % 3'600'000 == 0 && time.count() > 0)
    return std::to_string(time.count() / 3'600'000) + "h";
  if (time.count() % 1'000 == 0) return std::to_string(time.count() / 1'000) + "s";
  return std::to_string(time.count()) + "ms";
}

}  // namespace

void Section::read(const char* key, Millis& out, Millis min, Millis max) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto text = node->value_exact<std::string>();
  const auto value = text ? parse_duration(*text) : std::nullopt;
  if (value && *value >= min && *value <= max)
    out = *value;
  else if (value)
    complain(*node, key, "must be " + shown(min) + " to " + shown(max));
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

void Section::read(const char* key, std::vector<std::uint16_t>& out, std::uint16_t min, std::uint16_t max) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr || !(array->empty() || array->is_homogeneous<std::int64_t>()))
    return complain(*node, key, "must be a list of whole numbers");
  out.clear();
  for (const toml::node& item : *array) {
    const std::int64_t n = *item.value<std::int64_t>();
    if (n < min || n > max)
      return complain(*node, key,
                      "holds " + std::to_string(n) + ", which is not from " + std::to_string(min) + " to " +
                          std::to_string(max));
    out.push_back(static_cast<std::uint16_t>(n));
  }
}

}  // namespace amends::daemon
