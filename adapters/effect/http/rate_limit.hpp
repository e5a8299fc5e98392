// A token bucket. One thread.
#pragma once
#include <algorithm>
#include <cmath>

#include "engine/base/time.hpp"

namespace amends::http {

class RateLimit {
 public:
  // 0 per second is no limit; starts full, `burst` tokens.
  RateLimit(double per_second, std::size_t burst)
      : per_second_(per_second), burst_(static_cast<double>(burst)), tokens_(burst_) {}

  bool take(engine::Elapsed now) {
    if (per_second_ <= 0) return true;
    const auto passed = static_cast<double>((now - at_).count()) / 1e6;
    tokens_ = std::min(burst_, tokens_ + passed * per_second_);
    at_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }
  // When the next token is there, after take() refused one.
  engine::Elapsed next() const {
    return at_ + engine::Elapsed(static_cast<std::int64_t>(std::ceil((1 - tokens_) / per_second_ * 1e6)));
  }

 private:
  double per_second_, burst_, tokens_;
  engine::Elapsed at_{0};
};

}  // namespace amends::http
