#include "engine/base/failpoint.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace amends::engine {
namespace {

struct Armed {
  std::string name;
  long nth = 0;
};

Armed read_environment() {
  const char* spec = std::getenv("AMENDS_FAILPOINT");
  if (spec == nullptr) return {};
  const std::string text(spec);
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return {text, 1};
  return {text.substr(0, colon), std::strtol(text.c_str() + colon + 1, nullptr, 10)};
}

}  // namespace

void hit_failpoint(const char* name) {
  static const Armed armed = read_environment();
  static std::atomic<long> hits{0};
  if (armed.nth == 0 || armed.name != name) return;
  // SIGKILL to ourselves: no destructor, no atexit, no flush, exactly what the test is about.
  if (hits.fetch_add(1) + 1 == armed.nth) ::kill(::getpid(), SIGKILL);
}

}  // namespace amends::engine
