#include "apps/amendsd/rest/front/head.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "apps/amendsd/rest/front/target.hpp"
#include "engine/base/text.hpp"

namespace amends::rest {
namespace {

using Refusal = std::optional<Problem>;

Problem malformed(const char* detail) {
  return {400, "malformed-request", "Malformed request", detail};
}

bool is_token(std::string_view text) {  // RFC 9110, section 5.6.2
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  std::size_t from = text.find_first_not_of(blanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

bool has_bare_lf(std::string_view text) {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    if (at == 0 || text[at - 1] != '\r') return true;
  return false;
}

Refusal read_request_line(std::string_view line, const HeadLimits& limits, Request& out) {
  std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return malformed("The request line must be: method, target, HTTP version.");
  std::string_view method = line.substr(0, first), target = line.substr(first + 1, last - first - 1);
  std::string_view version = line.substr(last + 1);

  if (!is_token(method)) return malformed("The method is not a token.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (version.substr(0, 5) == "HTTP/")
      return Problem{505, "version-not-supported", "HTTP version not supported",
                     "This server speaks HTTP/1.1."};
    return malformed("The request line does not end with an HTTP version.");
  }
  constexpr std::array<std::string_view, 7> known = {"GET",   "HEAD",   "POST",   "PUT",
                                                     "PATCH", "DELETE", "OPTIONS"};
  if (std::find(known.begin(), known.end(), method) == known.end())
    return Problem{501, "method-not-supported", "Method not supported",
                   "This server does not know the method."};
  if (target.size() > limits.target_bytes_max)
    return Problem{414, "target-too-long", "Request target too long",
                   "The request target exceeds the limit."};
  if (auto refusal = check_target(target)) return refusal;

  out.method = method;
  out.target = target;
  out.keep_alive = version == "HTTP/1.1";
  return std::nullopt;
}

Refusal check_value(std::string_view value) {
  for (unsigned char c : value)
    if ((c < 0x20 && c != '\t') || c == 0x7f) return malformed("A header value holds a control character.");
  if (!engine::is_clean_utf8(value)) return malformed("A header value is not UTF-8.");
  // Some reader behind us may decode it, and then the value would end its header line.
  for (std::size_t at = value.find("%0"); at != std::string_view::npos; at = value.find("%0", at + 2)) {
    char digit = at + 2 < value.size() ? value[at + 2] : ' ';
    if (digit == 'd' || digit == 'D' || digit == 'a' || digit == 'A')
      return malformed("A header value holds an encoded line break.");
  }
  return std::nullopt;
}

Refusal read_content_length(std::string_view value, const HeadLimits& limits, Request& out) {
  if (value.empty() || value.find_first_not_of("0123456789") != std::string_view::npos)
    return malformed("Content-Length must be decimal digits.");
  // Twelve digits cannot overflow, and no configured limit comes near them.
  std::size_t length = value.size() > 12 ? limits.body_bytes_max + 1 : std::stoull(std::string(value));
  if (length > limits.body_bytes_max)
    return Problem{413, "body-too-large", "Request body too large",
                   "At most " + std::to_string(limits.body_bytes_max) + " bytes are accepted."};
  out.content_length = length;
  return std::nullopt;
}

Refusal check_host(std::string_view value, const HeadLimits& limits) {
  std::string host = lower(value);
  std::size_t colon = host.rfind(':');
  bool in_brackets = host.find(']', colon == std::string::npos ? 0 : colon) != std::string::npos;
  if (colon != std::string::npos && !in_brackets) {
    if (host.find_first_not_of("0123456789", colon + 1) != std::string::npos)
      return malformed("The Host's port is not a number.");
    host.resize(colon);
  }
  if (std::find(limits.hosts.begin(), limits.hosts.end(), host) != limits.hosts.end()) return std::nullopt;
  return Problem{421, "host-not-allowed", "Misdirected request",
                 "This server does not answer for the Host named."};
}

Refusal read_connection(std::string_view value, Request& out) {
  for (std::string rest = lower(value); !rest.empty();) {
    std::size_t comma = rest.find(',');
    if (trim(std::string_view(rest).substr(0, comma)) == "close") out.keep_alive = false;
    rest.erase(0, comma == std::string::npos ? comma : comma + 1);
  }
  return std::nullopt;
}

// What was seen of the headers that may come only once.
struct Once {
  bool host = false, content_length = false, content_type = false, idempotency_key = false;
};

// Marks `flag`; refuses the second time.
Refusal only_once(bool& flag) {
  if (flag) return malformed("A header that may stand once stands twice.");
  flag = true;
  return std::nullopt;
}

enum class Keep { yes, no };

// Judges one header by its lower-case name. `keep` says whether the routes see it.
Refusal judge_header(const std::string& name, std::string_view value, const HeadLimits& limits, Once& once,
                     Request& out, Keep& keep) {
  if (name == "host") {
    if (auto refusal = only_once(once.host)) return refusal;
    return check_host(value, limits);
  }
  if (name == "content-length") {
    if (auto refusal = only_once(once.content_length)) return refusal;
    return read_content_length(value, limits, out);
  }
  if (name == "content-type") return only_once(once.content_type);
  if (name == "idempotency-key") return only_once(once.idempotency_key);
  if (name == "transfer-encoding")
    return Problem{501, "transfer-encoding-not-supported", "Transfer-Encoding not supported",
                   "Send the body with a Content-Length."};
  if (name == "content-encoding")
    return Problem{415, "content-encoding-not-supported", "Content-Encoding not supported",
                   "Send the body as it is."};
  if (name == "expect")
    return Problem{417, "expectation-not-supported", "Expectation not supported",
                   "Send the request without Expect."};
  if (name == "upgrade")
    return Problem{501, "upgrade-not-supported", "Upgrade not supported",
                   "This server speaks HTTP/1.1 only."};
  // The router keeps the peer's address under these names; a client must not bring its own.
  constexpr std::array<std::string_view, 4> reserved = {"remote_addr", "remote_port", "local_addr",
                                                        "local_port"};
  if (std::find(reserved.begin(), reserved.end(), name) != reserved.end())
    return malformed("A header bears a reserved name.");
  // Range and Accept-Encoding would make the router cut or compress answers; the rest is between neighbours.
  constexpr std::array<std::string_view, 7> dropped = {"range",   "accept-encoding",  "keep-alive", "te",
                                                       "trailer", "proxy-connection", "connection"};
  if (std::find(dropped.begin(), dropped.end(), name) != dropped.end()) keep = Keep::no;
  if (name == "connection") return read_connection(value, out);
  return std::nullopt;
}

Refusal read_headers(std::string_view lines, const HeadLimits& limits, Request& out, Once& once) {
  while (!lines.empty()) {
    std::size_t end = lines.find("\r\n");
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 2);
    if (out.headers.size() == limits.headers_max)
      return Problem{431, "too-many-headers", "Too many headers",
                     "The request has more headers than the limit."};
    if (line.front() == ' ' || line.front() == '\t') return malformed("A header is folded over two lines.");
    std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
      return malformed("A header's name is not a token.");
    std::string_view value = trim(line.substr(colon + 1));
    if (auto refusal = check_value(value)) return refusal;
    Keep keep = Keep::yes;
    if (auto refusal = judge_header(lower(line.substr(0, colon)), value, limits, once, out, keep))
      return refusal;
    // A dropped header still counts against the limit: it is taken out when all are read.
    out.headers.push_back(
        {keep == Keep::yes ? std::string(line.substr(0, colon)) : std::string(), std::string(value)});
  }
  std::erase_if(out.headers, [](const Header& header) { return header.name.empty(); });
  return std::nullopt;
}

bool is_json(std::string_view content_type) {
  return lower(trim(content_type.substr(0, content_type.find(';')))) == "application/json";
}

// Rules that need all headers.
Refusal check_whole(const Request& request, const Once& once) {
  if (!once.host) return malformed("There is no Host header.");
  if (request.content_length == 0) return std::nullopt;
  if (request.method != "POST" && request.method != "PUT" && request.method != "PATCH")
    return Problem{400, "body-not-allowed", "Body not allowed", "Only POST, PUT and PATCH carry a body."};
  for (const Header& header : request.headers)
    if (lower(header.name) == "content-type" && is_json(header.value)) return std::nullopt;
  return Problem{415, "not-json", "Unsupported media type", "Send the body as application/json."};
}

}  // namespace

ParsedHead parse_head(std::string_view bytes, const HeadLimits& limits) {
  if (bytes.empty()) return NeedMore{};
  std::size_t end = bytes.find("\r\n\r\n");
  std::string_view seen = end == std::string_view::npos ? bytes : bytes.substr(0, end + 4);
  // TLS, HTTP/2 prefaces and stray blank lines end here instead of waiting for a deadline.
  if (!is_token(seen.substr(0, 1))) return malformed("The request does not start with a method.");
  if (seen.size() > limits.head_bytes_max)
    return Problem{431, "head-too-large", "Request head too large",
                   "The request line and headers exceed the limit."};
  if (has_bare_lf(seen)) return malformed("A line ends with LF instead of CR LF.");

  Request request;
  std::size_t line_end = seen.find("\r\n");
  if (line_end == std::string_view::npos) return NeedMore{};
  if (auto refusal = read_request_line(seen.substr(0, line_end), limits, request)) return *refusal;
  if (end == std::string_view::npos) return NeedMore{};

  Once once;
  std::string_view headers = seen.substr(line_end + 2);
  headers.remove_suffix(2);  // the empty line
  if (auto refusal = read_headers(headers, limits, request, once)) return *refusal;
  if (auto refusal = check_whole(request, once)) return *refusal;
  request.head_bytes = seen.size();
  return request;
}

}  // namespace amends::rest
