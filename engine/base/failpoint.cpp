#include "engine/base/failpoint.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

namespace amends::engine {
namespace {

struct Armed {
  std::string name;
  long nth = 0;
  long linger_ms = 0;
};

Armed read_environment() {
  const char* spec = std::getenv("AMENDS_FAILPOINT");
  if (spec == nullptr) return {};
  Armed out{spec, 1, 0};
  const auto colon = out.name.find(':');
  if (colon == std::string::npos) return out;
  char* end = nullptr;
  out.nth = std::strtol(spec + colon + 1, &end, 10);
  if (*end == ':') out.linger_ms = std::strtol(end + 1, nullptr, 10);
  out.name.resize(colon);
  return out;
}

}  // namespace

void hit_failpoint(const char* name) {
  static const Armed armed = read_environment();
  static std::atomic<long> hits{0};
  if (armed.nth == 0 || armed.name != name) return;
  if (hits.fetch_add(1) + 1 != armed.nth) return;
  // Only this thread stands still: what another one was given too early gets out meanwhile, and shows.
  std::this_thread::sleep_for(std::chrono::milliseconds(armed.linger_ms));
  // SIGKILL to ourselves: no destructor, no atexit, no flush, exactly what the test is about.
  ::kill(::getpid(), SIGKILL);
}

}  // namespace amends::engine
