// A tape of numbers that decides everything a property leaves open. RapidCheck makes and shrinks it; a run
// out of the same tape is the same run. Past its end every choice is the first one.
#pragma once
#include <cstdint>
#include <vector>

namespace amends::properties {

class Tape {
 public:
  explicit Tape(std::vector<std::uint16_t> choices) : choices_(std::move(choices)) {}

  // One of 0 to n-1.
  std::uint32_t pick(std::uint32_t n) { return over() ? 0 : choices_[at_++] % n; }
  bool one_in(std::uint32_t n) { return pick(n) == n - 1; }
  bool over() const { return at_ >= choices_.size(); }

 private:
  std::vector<std::uint16_t> choices_;
  std::size_t at_ = 0;
};

}  // namespace amends::properties
