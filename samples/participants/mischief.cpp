#include "samples/participants/mischief.hpp"

namespace participants {
namespace {

// FNV-1a, finished by splitmix64: a fixed function, so that a seed means the same on every machine.
std::uint64_t absorb(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return (hash ^ 0xff) * 0x100000001b3;
}
std::uint64_t finish(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

std::string_view name_of(Accident accident) {
  switch (accident) {
    case Accident::none: return "plain answer";
    case Accident::slow: return "slow answer";
    case Accident::late_effect: return "effect after the caller gave up";
    case Accident::late_answer: return "answer after the caller gave up";
    case Accident::drop_request: return "connection dropped before the effect";
    case Accident::drop_reply: return "connection dropped after the effect";
    case Accident::half_reply: return "half a reply";
    case Accident::garbage: return "HTML for an answer";
    case Accident::error_before: return "500 before the effect";
    case Accident::error_after: return "502 after the effect";
    case Accident::too_many: return "429 with Retry-After";
    case Accident::repeat: return "request processed twice";
    case Accident::unavailable: return "503 in a storm";
  }
  return "";
}

Mischief::Mischief(std::uint64_t seed, std::string_view who, Rates rates, Storms storms)
    : seed_(absorb(finish(seed), who)), rates_(rates), storms_(storms) {}

Accident Mischief::next(const std::string& key) {
  if (in_storm()) return Accident::unavailable;
  std::uint64_t arrival = 0;
  {
    const std::lock_guard lock(mutex_);
    arrival = arrivals_[key]++;
  }
  double left = roll("accident", key, arrival);
  const auto falls_in = [&left](double share) {
    left -= share;
    return left < 0;
  };
  const double half = 0.5;
  if (falls_in(rates_.slow)) return Accident::slow;
  if (falls_in(rates_.late * half)) return Accident::late_effect;
  if (falls_in(rates_.late * half)) return Accident::late_answer;
  if (falls_in(rates_.drop * half)) return Accident::drop_reply;
  if (falls_in(rates_.drop * half * half)) return Accident::drop_request;
  if (falls_in(rates_.drop * half * half)) return Accident::half_reply;
  if (falls_in(rates_.garbage)) return Accident::garbage;
  if (falls_in(rates_.error * half)) return Accident::error_before;
  if (falls_in(rates_.error * half)) return Accident::error_after;
  if (falls_in(rates_.too_many)) return Accident::too_many;
  if (falls_in(rates_.repeat)) return Accident::repeat;
  return Accident::none;
}

bool Mischief::refuses(std::string_view what, std::string_view order, double rate) const {
  return roll(what, order, 0) < rate;
}

// One storm in each window, somewhere in its second half, so that a participant starts in fair weather.
bool Mischief::in_storm() const {
  if (storms_.every.count() <= 0) return false;
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start_);
  const auto window = static_cast<std::uint64_t>(now / storms_.every);
  const auto within = static_cast<double>((now % storms_.every).count());
  const auto begin = static_cast<double>(storms_.every.count()) * (0.5 + 0.4 * roll("storm", "", window));
  return within >= begin && within < begin + static_cast<double>(storms_.length.count());
}

double Mischief::roll(std::string_view a, std::string_view b, std::uint64_t number) const {
  const auto hash = finish(absorb(absorb(seed_, a), b) ^ finish(number));
  return static_cast<double>(hash >> 11) * 0x1.0p-53;
}

}  // namespace participants
