// What goes wrong between a participant and its caller, decided by dice that a seed has loaded: the same
// seed, key and arrival always fall the same way, whichever thread rolls them.
#pragma once
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace participants {

enum class Accident : std::uint8_t {
  none,
  slow,          // answers after `slow`, well within the caller's patience
  late_effect,   // sleeps past the caller's patience and only then works
  late_answer,   // works at once and answers past the caller's patience
  drop_request,  // closes the connection before it works
  drop_reply,    // works, then closes the connection without a word
  half_reply,    // works, then closes the connection within the reply's body
  garbage,       // works, then answers 200 with a page of HTML
  error_before,  // 500, nothing was done
  error_after,   // 502, all was done
  too_many,      // 429 with Retry-After
  repeat,        // works twice, as when a proxy on the way sends a request again
  unavailable,   // 503: a storm is passing
};

// A phrase for people: "slow answer".
std::string_view name_of(Accident accident);

// Shares of all requests, 0 to 1; together at most 1.
struct Rates {
  double slow = 0, late = 0, drop = 0, garbage = 0, error = 0, too_many = 0, repeat = 0;
};

// Once per `every` everything is answered 503 for `length`. An `every` of zero means never.
struct Storms {
  std::chrono::milliseconds every{0}, length{0};
};

// Any thread.
class Mischief {
 public:
  Mischief(std::uint64_t seed, std::string_view who, Rates rates, Storms storms);

  // Counts the arrivals of each key, so that a retry rolls anew.
  Accident next(const std::string& key);
  // Whether the business refuses this order; the same for every attempt.
  bool refuses(std::string_view what, std::string_view order, double rate) const;

 private:
  bool in_storm() const;
  double roll(std::string_view a, std::string_view b, std::uint64_t number) const;  // 0 to below 1

  const std::uint64_t seed_;
  const Rates rates_;
  const Storms storms_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::unordered_map<std::string, std::uint64_t> arrivals_;  // guarded by mutex_
};

}  // namespace participants
