// SIGINT, SIGTERM and SIGHUP as a question instead of an end, for who has something to remove first.
#pragma once
#include <csignal>
#include <ctime>
#include <string>

namespace amends::measure {

// Made before other threads are, which inherit that these signals wait. One thread.
class StopSignals {
 public:
  StopSignals() {
    ::sigemptyset(&stops_);
    for (const int one : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&stops_, one);
    ::pthread_sigmask(SIG_BLOCK, &stops_, &before_);
  }
  ~StopSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool asked() {
    const timespec now{};
    asked_ = asked_ || ::sigtimedwait(&stops_, nullptr, &now) > 0;
    return asked_;
  }

 private:
  sigset_t stops_{}, before_{};
  bool asked_ = false;
};

}  // namespace amends::measure
