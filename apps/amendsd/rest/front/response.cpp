#include "apps/amendsd/rest/front/response.hpp"

#include <strings.h>

#include <algorithm>
#include <array>

namespace amends::rest {
namespace {

bool is_ours(const std::string& name) {
  constexpr std::array<const char*, 11> ours = {"content-length", "content-type",    "connection",
                                                "keep-alive",     "accept-ranges",   "transfer-encoding",
                                                "date",           "cache-control",   "x-content-type-options",
                                                "exception_what", "content-encoding"};
  return std::any_of(ours.begin(), ours.end(),
                     [&](const char* own) { return strcasecmp(own, name.c_str()) == 0; });
}

bool is_clean(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string http_date(std::time_t at) {  // RFC 9110, section 5.6.7; strftime would follow the locale
  static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm t{};
  ::gmtime_r(&at, &t);
  char out[64];
  std::snprintf(out, sizeof out, "%s, %02d %s %d %02d:%02d:%02d GMT", days[t.tm_wday], t.tm_mday,
                months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
  return out;
}

}  // namespace

std::string ResponseWriter::write(const Answer& answer, Framing framing, std::time_t now) {
  if (now != date_at_) {
    date_at_ = now;
    date_ = http_date(now);
  }
  std::string out;
  out.reserve(256 + answer.body.size());
  out.append("HTTP/1.1 ")
      .append(std::to_string(answer.status))
      .append(" ")
      .append(reason_phrase(answer.status));
  out.append("\r\nDate: ").append(date_);
  if (!answer.body.empty() && is_clean(answer.content_type))
    out.append("\r\nContent-Type: ").append(answer.content_type);
  // 204 and 304 have no body by definition (RFC 9110, section 8.6); a length would desynchronise the client.
  bool bodiless = answer.status == 204 || answer.status == 304;
  if (!bodiless) out.append("\r\nContent-Length: ").append(std::to_string(answer.body.size()));
  out.append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff");
  if (framing.close) out.append("\r\nConnection: close");
  for (const Header& header : answer.headers)
    if (!is_ours(header.name) && is_clean(header.name) && is_clean(header.value))
      out.append("\r\n").append(header.name).append(": ").append(header.value);
  out.append("\r\n\r\n");
  if (!bodiless && !framing.head_only) out.append(answer.body);
  return out;
}

}  // namespace amends::rest
