#include "apps/amends/output.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "engine/base/rfc3339.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {

std::size_t shown_width(std::string_view text) {
  std::size_t width = 0;
  bool escape = false;
  for (const char c : text) {
    if (c == '\033') escape = true;
    if (!escape && (static_cast<std::uint8_t>(c) & 0xc0) != 0x80) ++width;
    if (escape && c == 'm') escape = false;
  }
  return width;
}

void print_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(head.size());
  for (std::size_t c = 0; c < head.size(); ++c) {
    widths[c] = shown_width(head[c]);
    for (const auto& row : rows) widths[c] = std::max(widths[c], shown_width(row[c]));
  }
  const auto print = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      line += cells[c];
      if (c + 1 < cells.size()) line.append(widths[c] - shown_width(cells[c]) + 2, ' ');
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    std::printf("%s\n", line.c_str());
  };
  print(head);
  for (const auto& row : rows) print(row);
}

void print_json(const Json& value) {
  std::printf("%s\n", value.dump(2, ' ', true, Json::error_handler_t::replace).c_str());
}

void print_jsonl(const Json& items) {
  for (const Json& item : items)
    std::printf("%s\n", item.dump(-1, ' ', true, Json::error_handler_t::replace).c_str());
}

void print_one(const Json& value, Output output) {
  output == Output::jsonl ? print_jsonl(Json::array({value})) : print_json(value);
}

std::string text_of(const Json& object, const char* member) {
  if (!object.is_object() || !object.contains(member)) return {};
  const Json& value = object[member];
  if (value.is_null()) return {};
  return engine::escape_controls(value.is_string() ? value.get<std::string>() : engine::canonical(value));
}

std::int64_t number_of(const Json& object, const char* member) {
  constexpr std::int64_t number_max = std::int64_t{1} << 53;
  const auto it = object.is_object() ? object.find(member) : object.end();
  if (it == object.end() || !it->is_number_integer()) return 0;
  if (it->is_number_unsigned() && it->get<std::uint64_t>() > static_cast<std::uint64_t>(number_max)) return 0;
  const auto number = it->get<std::int64_t>();
  return number < -number_max || number > number_max ? 0 : number;
}

std::string paint(std::string_view text, const char* sgr, bool colour) {
  if (!colour) return std::string(text);
  return std::string("\033[") + sgr + "m" + std::string(text) + "\033[0m";
}

std::string paint_state(std::string_view state, bool colour) {
  const bool good = state == "completed" || state == "succeeded";
  const bool taken_back = state == "compensated" || state == "undone" || state == "undo_empty" ||
                          state == "compensating" || state == "undoing";
  const bool bad =
      state == "needs_operator" || state == "undo_failed" || state == "rejected" || state == "abandoned";
  return paint(state, good ? "32" : bad ? "31" : taken_back ? "33" : "36", colour);
}

std::string ago(const std::string& rfc3339_text) {
  const auto at = engine::parse_rfc3339(rfc3339_text);
  if (!at) return {};
  const auto now = std::chrono::time_point_cast<engine::Micros>(std::chrono::system_clock::now());
  const auto seconds =
      std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(now - *at).count());
  if (seconds < 120) return std::to_string(seconds) + " s ago";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min ago";
  if (seconds < 172'800) return std::to_string(seconds / 3600) + " h ago";
  return std::to_string(seconds / 86'400) + " d ago";
}

}  // namespace amends::cli
