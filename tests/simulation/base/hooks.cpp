#include "tests/simulation/base/hooks.hpp"

#include "tests/simulation/base/plants.hpp"

namespace amends::simulation {

Hooks::Hooks(Setting& setting) : setting_(setting), chance_(setting.chance("rare ways")) {
  engine::rare_ways = this;
}

Hooks::~Hooks() {
  engine::rare_ways = nullptr;
}

// A point is drawn when it is met first: it is off in most seeds, else seldom or often.
bool Hooks::takes(std::string_view point) {
  auto it = rates_.find(point);
  if (it == rates_.end()) {
    Chance own = setting_.chance("rare ways").fork(point);
    static constexpr std::int64_t often[] = {10'000, 50'000, 250'000};
    const bool on = own.happens(setting_.options.buggify);
    it = rates_.emplace(point, on ? often[own.below(3)] : 0).first;
  }
  if (it->second == 0 || setting_.faults.healed() || !chance_.happens(it->second)) return false;
  ++taken_[it->first];
  return true;
}

bool Hooks::is_planted(std::string_view bug) {
  return planted(bug);
}

}  // namespace amends::simulation
