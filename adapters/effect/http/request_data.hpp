// What a step asks of the HTTP adapter: the body of a Request, taken apart.
//
//   {"body": {...}, "headers": {"X-Tenant": "7"}, "method": "POST", "path": "/reservations"}
//
// method is GET, POST, PUT, PATCH or DELETE; path is percent-encoded already and may hold a query; body and
// headers may be missing. Nothing else may stand there.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace amends::http {

struct RequestData {
  std::string_view method, path;  // both, and `body`, point into the text that was parsed
  std::string_view body;          // canonical JSON, sent byte for byte
  bool has_body = false;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string error;  // empty when all is well, else one sentence

  bool ok() const { return error.empty(); }
};

// `text` is canonical JSON (engine/base/json.hpp), so the values are cut out rather than parsed and written
// again.
RequestData parse_request(std::string_view text);

// A token by RFC 9110, and not one of those that the adapter writes or that steer the connection (Host,
// Content-Length, Idempotency-Key, Authorization, Amends-*, ...).
bool may_set_header(std::string_view name);
// Visible ASCII, blanks and tabs; at most 4096 bytes.
bool is_header_value(std::string_view value);
// Starts with one '/', holds only what RFC 3986 allows in a path and query, and no ".." segment in any
// spelling.
bool is_path(std::string_view path);

}  // namespace amends::http
