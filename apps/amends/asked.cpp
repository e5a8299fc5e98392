#include "apps/amends/asked.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "apps/amends/context.hpp"
#include "engine/base/rfc3339.hpp"
#include "engine/base/saga_id.hpp"
#include "engine/base/text.hpp"
#include "engine/journal/entry.hpp"

namespace amends::cli {
namespace {

std::string quoted(const std::string& text) {
  return "'" + engine::escape_controls(engine::shorten(text, 64)) + "'";
}

// Levenshtein's distance, one row at a time.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

}  // namespace

void check_saga_id(const std::string& text) {
  if (!engine::SagaId::parse(text) && !engine::id_range(text))
    throw Stop{Exit::usage, quoted(text) + " is no saga's id, nor how one begins; amends list shows them"};
}

void check_state(const std::string& text) {
  if (text.empty() || engine::find_saga_state(text)) return;
  throw Stop{Exit::usage, quoted(text) +
                              " is no state: it is running, compensating, needs_operator, "
                              "completed, compensated or abandoned"};
}

void check_time(const char* option, const std::string& text) {
  if (!text.empty() && !engine::parse_rfc3339(text))
    throw Stop{Exit::usage, std::string(option) +
                                " takes an RFC 3339 time such as 2026-11-24T00:00:00Z, not " + quoted(text)};
}

void check_wait(const std::string& text) {
  if (text.empty()) return;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string unit = text.substr(digits);
  if (digits == 0 || (unit != "s" && unit != "ms"))
    throw Stop{Exit::usage, "--wait takes a duration such as 10s or 500ms, not " + quoted(text)};
}

void check_url(const std::string& text) {
  if (text.rfind("http://", 0) == 0 || text.rfind("https://", 0) == 0) return;
  throw Stop{Exit::usage, "--url begins with http:// or https://, as in http://127.0.0.1:7425; " +
                              quoted(text) + " does not"};
}

std::string nearest(const std::string& text, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t least = 3;
  for (const std::string& candidate : candidates) {
    const std::size_t d = distance(text.substr(0, 64), candidate);
    if (d < least && d < candidate.size()) least = d, best = candidate;
  }
  return best;
}

std::string operator_name() {
  if (const char* user = std::getenv("USER"); user != nullptr && *user) return user;
  if (const passwd* entry = ::getpwuid(::getuid()); entry != nullptr && *entry->pw_name)
    return entry->pw_name;
  return "uid " + std::to_string(::getuid());
}

std::string counted(std::size_t n, const std::string& one, const std::string& many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

}  // namespace amends::cli
