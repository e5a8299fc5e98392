// What a request is answered with, and the one form of every refusal.
#pragma once
#include <string>
#include <vector>

namespace amends::rest {

struct Header {
  std::string name;
  std::string value;
};

// A complete answer. Length, date, connection and security headers are the front's business, not the route's.
struct Answer {
  int status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  std::vector<Header> headers = {};
};

// RFC 9457. `slug` is stable: clients switch on "/problems/<slug>". `detail` says what is wrong with this one
// request; it never carries the text of an exception.
struct Problem {
  int status = 500;
  std::string slug;
  std::string title;
  std::string detail;
};

// The one place that writes application/problem+json. Bytes that are not UTF-8 are replaced. Any thread.
Answer problem(const Problem& what);

// The standard reason phrase, or "Unknown".
const char* reason_phrase(int status);

}  // namespace amends::rest
