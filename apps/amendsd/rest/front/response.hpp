// An answer as the bytes that go out.
#pragma once
#include <ctime>
#include <string>

#include "apps/amendsd/rest/front/answer.hpp"

namespace amends::rest {

struct Framing {
  bool close = false;      // the connection ends after this answer
  bool head_only = false;  // the answer to a HEAD: its length without its body
};

// One thread. Headers that the front owns, or that would break a line, are left out, whoever set them.
class ResponseWriter {
 public:
  // `now` in seconds since 1970, for the Date header.
  std::string write(const Answer& answer, Framing framing, std::time_t now);

 private:
  std::time_t date_at_ = -1;
  std::string date_;  // formatted once a second
};

}  // namespace amends::rest
