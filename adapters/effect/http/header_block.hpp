// The headers of one request, in the list form that libcurl reads without copying. One thread.
#pragma once
#include <curl/curl.h>

#include <string>
#include <string_view>
#include <vector>

#include "adapters/effect/http/endpoint.hpp"
#include "adapters/effect/http/request_data.hpp"
#include "engine/ports/effect.hpp"

namespace amends::http {

class HeaderBlock {
 public:
  // `bearer` may be empty. Reuses its memory from call to call.
  void compose(const engine::Attempt& attempt, const RequestData& request, const Endpoint& endpoint,
               std::string_view bearer);
  // Valid until the next compose; libcurl must be done with it by then.
  curl_slist* list() { return nodes_.data(); }

 private:
  void add(std::string_view name, std::string_view value);
  void add_number(std::string_view name, std::uint64_t value);

  std::string text_;  // lines, each ended by NUL
  std::vector<std::size_t> starts_;
  std::vector<curl_slist> nodes_;
};

// W3C Trace Context, the same for the same attempt: the trace is the saga, the span its step and attempt.
std::string traceparent(const engine::Attempt& attempt);

}  // namespace amends::http
