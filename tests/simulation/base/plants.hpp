// Planted bugs: mistakes that a run makes on purpose when it is told their names, so that it shows whether
// anybody notices. `simulate --plant NAME` switches one on; tests/planted holds that each is found.
//
// What stands at the seams (store, network, participants, clients) asks `planted("name")` in its own code.
// What is inside the engine asks AMENDS_PLANTED("name") of engine/base/buggify.hpp, which comes out at the
// same set.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace amends::simulation {

struct PlantRow {
  std::string_view name;
  std::string_view what;
};
// All there are.
const std::vector<PlantRow>& plant_rows();

// Set before the first run, and not changed while one is under way.
inline std::set<std::string, std::less<>>& plants() {
  static std::set<std::string, std::less<>> names;
  return names;
}

inline bool planted(std::string_view name) {
  const auto& names = plants();
  return !names.empty() && names.contains(name);
}

}  // namespace amends::simulation
