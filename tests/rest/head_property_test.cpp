// The reading of a head, on requests that nobody wrote: what is accepted is clean, and an early refusal is
// never one that the whole request would not have got.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "apps/amendsd/rest/front/head.hpp"

namespace amends::rest {
namespace {

rc::Gen<std::string> line() {
  return rc::gen::element<std::string>(
      "GET / HTTP/1.1\r\n", "POST /v1/sagas?wait=1s HTTP/1.1\r\n", "GET /%41%zz HTTP/1.1\r\n", "GET /\r\n",
      "Host: localhost\r\n", "Host: evil\r\n", "Content-Length: 5\r\n", "Content-Length: 0x\r\n",
      "Content-Type: application/json\r\n", "Transfer-Encoding: chunked\r\n", "X: 1\r\n", " folded\r\n",
      "X: %0d%0a\r\n", "X\r\n", "Connection: close\r\n", "\r\n", "\n", "\r", ":", "%00", "{}",
      "GET / HTTP/1.1\r\nHost: localhost\r\n", "Accept: */*\r\n\r\n");
}

// Lines put together at random, mostly from the start of a good request, with a few bytes replaced.
rc::Gen<std::string> request_bytes() {
  return rc::gen::exec([] {
    std::string bytes = *rc::gen::element<std::string>(
        "", "GET / HTTP/1.1\r\nHost: localhost\r\n",
        "POST /a HTTP/1.1\r\nHost: [::1]:1\r\nContent-Type: application/json\r\n");
    for (const std::string& part : *rc::gen::container<std::vector<std::string>>(line())) bytes += part;
    bytes += *rc::gen::element<std::string>("", "\r\n", "\r\n\r\n");
    int changes = *rc::gen::inRange(0, 3);
    for (int i = 0; i < changes && !bytes.empty(); ++i)
      bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    return bytes;
  });
}

bool is_clean(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

RC_GTEST_PROP(HeadProperty, what_is_accepted_is_clean, ()) {
  std::string bytes = *request_bytes();

  ParsedHead parsed = parse_head(bytes, HeadLimits{});

  auto* request = std::get_if<Request>(&parsed);
  RC_CLASSIFY(request != nullptr);
  if (!request) return;
  RC_ASSERT(request->target.at(0) == '/');
  RC_ASSERT(request->head_bytes == bytes.find("\r\n\r\n") + 4);
  RC_ASSERT(is_clean(request->target));
  for (const Header& header : request->headers)
    RC_ASSERT(!header.name.empty() && is_clean(header.name) && is_clean(header.value));
}

RC_GTEST_PROP(HeadProperty, a_prefix_is_refused_only_if_the_whole_is, ()) {
  std::string bytes = *request_bytes();
  std::string prefix = bytes.substr(0, *rc::gen::inRange<std::size_t>(0, bytes.size() + 1));

  ParsedHead early = parse_head(prefix, HeadLimits{}), late = parse_head(bytes, HeadLimits{});

  if (std::holds_alternative<Problem>(early)) RC_ASSERT(std::holds_alternative<Problem>(late));
  if (auto* first = std::get_if<Request>(&early)) {
    auto* second = std::get_if<Request>(&late);
    RC_ASSERT(second != nullptr && second->head_bytes == first->head_bytes &&
              second->target == first->target);
  }
}

}  // namespace
}  // namespace amends::rest
