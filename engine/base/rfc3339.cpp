#include "engine/base/rfc3339.hpp"

#include <algorithm>
#include <cstdio>

namespace amends::engine {
namespace {

using namespace std::chrono;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool number(int digits, int& out) {
    out = 0;
    for (int i = 0; i < digits; ++i) {
      if (text_.empty() || text_.front() < '0' || text_.front() > '9') return false;
      out = out * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    return true;
  }
  bool one_of(std::string_view chars, char& out) {
    if (text_.empty() || chars.find(text_.front()) == std::string_view::npos) return false;
    out = text_.front();
    text_.remove_prefix(1);
    return true;
  }
  bool one(char c) {
    char ignored;
    return one_of(std::string_view(&c, 1), ignored);
  }
  // Up to nine digits after a point; more precise than we keep is cut.
  bool fraction(std::int64_t& micros) {
    micros = 0;
    if (!one('.')) return true;
    int digits = 0;
    for (; !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; text_.remove_prefix(1), ++digits)
      if (digits < 6) micros = micros * 10 + (text_.front() - '0');
    for (int i = digits; i < 6; ++i) micros *= 10;
    return digits > 0 && digits <= 9;
  }
  bool at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

// The form has four digits for the year.
constexpr WallTime earliest = sys_days(year(0) / 1 / 1);
constexpr WallTime latest = sys_days(year(9999) / 12 / 31) + days(1) - microseconds(1);

}  // namespace

std::string rfc3339(WallTime at) {
  at = std::clamp(at, earliest, latest);
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss clock(at - day);
  char out[48];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return out;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  Scanner s(text);
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, sec = 0;
  char t;
  std::int64_t micros = 0;
  const bool head = s.number(4, y) && s.one('-') && s.number(2, mo) && s.one('-') && s.number(2, d) &&
                    s.one_of("Tt ", t) && s.number(2, h) && s.one(':') && s.number(2, mi) && s.one(':') &&
                    s.number(2, sec) && s.fraction(micros);
  const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
  if (!head || !date.ok() || h > 23 || mi > 59 || sec > 60) return std::nullopt;
  char zone;
  int oh = 0, om = 0;
  if (!s.one_of("Zz+-", zone)) return std::nullopt;
  const bool numeric = zone == '+' || zone == '-';
  if (numeric && !(s.number(2, oh) && s.one(':') && s.number(2, om) && oh < 24 && om < 60))
    return std::nullopt;
  if (!s.at_end()) return std::nullopt;
  const auto offset = (hours(oh) + minutes(om)) * (zone == '-' ? -1 : 1);
  const WallTime at = sys_days(date) + hours(h) + minutes(mi) + seconds(sec) + microseconds(micros) - offset;
  return at < earliest || at > latest ? std::nullopt : std::optional(at);
}

}  // namespace amends::engine
