#include "tests/simulation/runner/shrink.hpp"

#include <cctype>
#include <chrono>

#include "tests/simulation/runner/workers.hpp"

namespace amends::simulation {
namespace {

// The sentence without its ids and numbers: two runs that fail alike say the same.
std::string kind_of(const std::string& sentence) {
  std::string out;
  for (std::size_t i = 0; i < sentence.size() && sentence[i] != '\n'; ++i) {
    const auto letter = static_cast<unsigned char>(sentence[i]);
    const bool id = std::isdigit(letter) || sentence[i] == '-' ||
                    (std::isxdigit(letter) && i > 0 &&
                     (std::isdigit(static_cast<unsigned char>(sentence[i - 1])) || sentence[i - 1] == '-'));
    if (!id) out += sentence[i];
  }
  return out.substr(0, 60);
}

std::string changes_of(const Options& options) {
  Options drawn = draw_options(options.seed), mine = options;
  const auto before = knobs_of(drawn), after = knobs_of(mine);
  std::string out;
  for (std::size_t i = 0; i < before.size(); ++i)
    if (*before[i].value != *after[i].value)
      out += (out.empty() ? "" : " ") + after[i].name + "=" + std::to_string(*after[i].value);
  return out;
}

class Shrinking {
 public:
  Shrinking(const Options& failing, const std::string& sentence, double seconds)
      : best_{failing, sentence, {}, 0},
        kind_(kind_of(sentence)),
        until_(std::chrono::steady_clock::now() +
               std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                   std::chrono::duration<double>(seconds))) {}

  Shrunk run() {
    // Whole kinds first: each that goes makes all later tries cheaper.
    for (bool smaller = true; smaller && !is_late();) {
      smaller = false;
      const std::size_t count = knobs_of(best_.options).size();
      for (std::size_t i = 0; i < count && !is_late(); ++i) smaller = shrink_knob(i) || smaller;
    }
    best_.changes = changes_of(best_.options);
    return best_;
  }

 private:
  bool is_late() const { return std::chrono::steady_clock::now() > until_; }

  bool shrink_knob(std::size_t which) {
    const Knob now = knobs_of(best_.options)[which];
    const std::int64_t value = *now.value;
    if (value == now.calm) return false;
    if (attempt(which, now.calm)) return true;
    bool smaller = false;
    // What must stay can often be less.
    for (std::int64_t middle = (value + now.calm) / 2; middle != value && middle != now.calm && !is_late();) {
      if (!attempt(which, middle)) break;
      smaller = true;
      middle = (middle + now.calm) / 2;
    }
    return smaller;
  }

  bool attempt(std::size_t which, std::int64_t value) {
    Options candidate = best_.options;
    *knobs_of(candidate)[which].value = value;
    ++best_.tried;
    const std::string sentence = try_run(candidate);
    if (sentence.empty() || kind_of(sentence) != kind_) return false;
    best_.options = candidate;
    best_.sentence = sentence;
    return true;
  }

  Shrunk best_;
  const std::string kind_;
  const std::chrono::steady_clock::time_point until_;
};

}  // namespace

Shrunk shrink(const Options& failing, const std::string& sentence, double seconds) {
  return Shrinking(failing, sentence, seconds).run();
}

}  // namespace amends::simulation
