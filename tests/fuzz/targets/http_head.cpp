// The head of a request: what is let in says the same thing to every reader behind us, however it was
// spelled.
#include "apps/amendsd/rest/front/head.hpp"

#include <algorithm>

#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using rest::Header;
using rest::ParsedHead;
using rest::Problem;
using rest::Request;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

bool same(const Request& a, const Request& b) {
  const auto equal = [](const Header& x, const Header& y) { return x.name == y.name && x.value == y.value; };
  return a.method == b.method && a.target == b.target && a.content_length == b.content_length &&
         std::equal(a.headers.begin(), a.headers.end(), b.headers.begin(), b.headers.end(), equal);
}

void hold_refused(const Problem& problem) {
  AMENDS_HOLDS(problem.status >= 400 && problem.status < 600, "a refusal has its status");
  AMENDS_HOLDS(!problem.slug.empty() && is_sentence(problem.detail, 200),
               "a refusal says why in a printable sentence");
}

// What two parsers may read differently must not be in what is let in (request smuggling).
void hold_let_in(std::string_view input, const rest::HeadLimits& limits, const Request& request) {
  AMENDS_HOLDS(request.head_bytes <= limits.head_bytes_max && request.head_bytes <= input.size(),
               "the head's bound holds");
  AMENDS_HOLDS(request.headers.size() <= limits.headers_max, "the bound on headers holds");
  AMENDS_HOLDS(request.content_length <= limits.body_bytes_max, "the bound on bodies holds");
  const std::string head = lower(std::string(input.substr(0, request.head_bytes)));
  AMENDS_HOLDS(count(head, "\n") == count(head, "\r\n") && count(head, "\r") == count(head, "\r\n"),
               "lines end in CR LF and nothing else");
  AMENDS_HOLDS(count(head, "\r\ncontent-length:") <= 1 && count(head, "\r\nhost:") == 1,
               "what may stand once stands once");
  AMENDS_HOLDS(count(head, "\r\ntransfer-encoding:") == 0, "no chunked body is let in");
  AMENDS_HOLDS(count(head, "\r\n ") + count(head, "\r\n\t") == 0, "no line is folded");
  for (const Header& header : request.headers)
    AMENDS_HOLDS(is_sentence(header.name, 16 << 10) &&
                     header.value.find_first_of(std::string_view("\r\n\0", 3)) == header.value.npos,
                 "a header can be written on one line");
}

void hold_written_again(const rest::HeadLimits& limits, const Request& request) {
  std::string bytes = request.method + " " + request.target + " HTTP/1.1\r\n";
  for (const Header& header : request.headers) bytes += header.name + ": " + header.value + "\r\n";
  bytes += "\r\n";
  if (bytes.size() > limits.head_bytes_max) return;
  const ParsedHead again = parse_head(bytes, limits);
  const auto* found = std::get_if<Request>(&again);
  AMENDS_HOLDS(found != nullptr, "what was let in is let in again");
  AMENDS_HOLDS(same(*found, request), "and says the same");
}

}  // namespace

AMENDS_FUZZ_TARGET(http_head) {
  rest::HeadLimits limits;
  limits.hosts.push_back("sagas.example");
  const ParsedHead parsed = parse_head(input, limits);
  if (const auto* problem = std::get_if<Problem>(&parsed)) hold_refused(*problem);
  const auto* request = std::get_if<Request>(&parsed);
  if (request != nullptr) {
    hold_let_in(input, limits, *request);
    hold_written_again(limits, *request);
  }
  // Bytes come in pieces: what is said of a beginning is never taken back.
  for (const std::size_t bytes :
       {input.size() / 3, input.size() / 2, input.size() - std::min<std::size_t>(input.size(), 1)}) {
    const ParsedHead early = parse_head(input.substr(0, bytes), limits);
    if (std::holds_alternative<Problem>(early))
      AMENDS_HOLDS(std::holds_alternative<Problem>(parsed), "a beginning is refused only if the whole is");
    if (const auto* begun = std::get_if<Request>(&early))
      AMENDS_HOLDS(request != nullptr && same(*begun, *request), "a head is complete once");
  }
}

}  // namespace amends::fuzz
