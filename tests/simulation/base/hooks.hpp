// Which of the engine's rare ways are taken in this run, and which planted bugs.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "engine/base/buggify.hpp"
#include "tests/simulation/base/setting.hpp"

namespace amends::simulation {

// In force from construction to destruction, on this thread.
class Hooks final : public engine::RareWays {
 public:
  explicit Hooks(Setting& setting);
  ~Hooks() override;

  bool takes(std::string_view point) override;
  bool is_planted(std::string_view bug) override;

  // How often each point was taken.
  const std::map<std::string, std::uint64_t, std::less<>>& taken() const { return taken_; }

 private:
  Setting& setting_;
  Chance chance_;
  std::map<std::string, std::int64_t, std::less<>> rates_;  // by point, in ppm
  std::map<std::string, std::uint64_t, std::less<>> taken_;
};

}  // namespace amends::simulation
