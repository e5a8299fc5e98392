#include "adapters/store/postgres/flush_statement.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>
#include <vector>

#include "adapters/store/postgres/sql.hpp"
#include "engine/base/check.hpp"

namespace amends::postgres {
namespace {

bool has(FlushParts parts, std::string_view kind) {
  if (kind == "keys") return parts.keys;
  if (kind == "starts") return parts.starts;
  if (kind == "tags") return parts.tags;
  if (kind == "updates") return parts.updates;
  AMENDS_CHECK(kind == "answers", "flush.sql names a kind of rows that there is not");
  return parts.answers;
}

std::string leave_out(const std::string& whole, FlushParts parts) {
  constexpr std::string_view opening = "--[ ", closing = "--]";
  std::string out;
  std::vector<bool> kept{true};  // of each bracket that is open
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t end = std::min(whole.find('\n', at), whole.size());
    const std::string_view line = std::string_view(whole).substr(at, end - at);
    at = end + 1;
    if (line.starts_with(opening)) {
      kept.push_back(kept.back() && has(parts, line.substr(opening.size())));
    } else if (line == closing) {
      kept.pop_back();
      AMENDS_CHECK(!kept.empty(), "flush.sql closes a bracket that is not open");
    } else if (kept.back()) {
      out.append(line).push_back('\n');
    }
  }
  AMENDS_CHECK(kept.size() == 1, "flush.sql leaves a bracket open");
  return out;
}

// The number of the parameter that begins at `at`, and where it ends.
std::pair<int, std::size_t> number_at(const std::string& text, std::size_t at) {
  int number = 0;
  for (++at; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])); ++at)
    number = 10 * number + (text[at] - '0');
  return {number, at};
}

// In their order, and without gaps.
std::string number_anew(const std::string& text) {
  std::map<int, int> becomes;
  for (auto at = text.find('$'); at != std::string::npos; at = text.find('$', at + 1))
    becomes[number_at(text, at).first] = 0;
  int next = 0;
  for (auto& [before, now] : becomes) now = ++next;
  std::string out;
  std::size_t done = 0;
  for (auto at = text.find('$'); at != std::string::npos; at = text.find('$', done)) {
    const auto [number, end] = number_at(text, at);
    out.append(text, done, at + 1 - done).append(std::to_string(becomes.at(number)));
    done = end;
  }
  return out.append(text, done);
}

}  // namespace

std::string flush_name(FlushParts parts) {
  std::string out = "flush";
  if (parts.keys) out += "_keys";
  if (parts.starts) out += "_starts";
  if (parts.tags) out += "_tags";
  if (parts.updates) out += "_updates";
  if (parts.answers) out += "_answers";
  return out;
}

std::string flush_statement(FlushParts parts) {
  return number_anew(leave_out(sql("flush"), parts));
}

}  // namespace amends::postgres
