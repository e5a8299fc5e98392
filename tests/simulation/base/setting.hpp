// What every part of the world shares: its options, its time, its faults, and where a broken promise is told.
#pragma once
#include <optional>
#include <string>

#include "tests/simulation/base/chance.hpp"
#include "tests/simulation/base/coverage.hpp"
#include "tests/simulation/base/event_queue.hpp"
#include "tests/simulation/base/faults.hpp"
#include "tests/simulation/base/options.hpp"

namespace amends::simulation {

class Setting {
 public:
  Setting(const Options& given, bool tracing, bool keeps_evidence, bool judging)
      : options(given),
        evidence(keeps_evidence),
        judges(judging),
        queue(tracing),
        faults(options.rates, queue, keeps_evidence),
        root_(Chance(given.seed).fork("run")) {}

  const Options options;
  const bool evidence;  // whether everything is kept that a checker wants to read
  const bool judges;    // else a broken promise is noted, and the run goes on for others to judge
  EventQueue queue;
  Faults faults;
  Coverage coverage;

  Chance chance(std::string_view whose) const { return root_.fork(whose); }

  // A promise is broken. The run ends with this event, unless it does not judge; the first sentence stands.
  void broken(std::string sentence) {
    if (!broken_) broken_ = std::move(sentence);
  }
  const std::optional<std::string>& verdict() const { return broken_; }

  bool is_over() const { return judges && broken_; }

 private:
  const Chance root_;
  std::optional<std::string> broken_;
};

}  // namespace amends::simulation
