// The strict reading of a request's head: bytes in; a request, a refusal, or "need more" out.
//
// Stricter than RFC 9112 where the RFC leaves a choice, because every choice is one that two parsers may make
// differently: no bare LF, no folding, no empty line first, no absolute form, no chunked body.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apps/amendsd/rest/front/answer.hpp"

namespace amends::rest {

struct HeadLimits {
  std::size_t head_bytes_max = 16 << 10;
  std::size_t headers_max = 64;
  std::size_t target_bytes_max = 4 << 10;
  std::size_t body_bytes_max = 1 << 20;
  // Names a Host header may carry, in lower case, without port; any port is accepted. A name that is not here
  // may be an attacker's that resolves to this machine (DNS rebinding).
  std::vector<std::string> hosts = {"127.0.0.1", "localhost", "[::1]"};
};

struct Request {
  std::string method;  // GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS
  std::string target;  // starts with '/'; percent-encoding checked, not decoded
  std::vector<Header>
      headers;       // values trimmed, byte for byte as sent; hop-by-hop headers and Range left out
  std::string body;  // filled in by the reader: exactly content_length bytes
  std::size_t content_length = 0;
  std::size_t head_bytes = 0;  // where the body starts
  bool keep_alive = true;
};

struct NeedMore {};
using ParsedHead = std::variant<NeedMore, Request, Problem>;

// Pure. `bytes` is all that arrived of this request so far; what can be refused early is refused early.
ParsedHead parse_head(std::string_view bytes, const HeadLimits& limits);

}  // namespace amends::rest
