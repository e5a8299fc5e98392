// What is measured, and how each figure is got. Most values are ratios within one run: absolute times are
// noise here.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace amends::bench {

struct Point {
  std::string name, unit;
  double goal = 0, at_least = 0;  // a goal below at_least: less is better
  std::string what;               // one sentence
  // One run; takes a fresh directory, gives the value.
  std::function<double(const std::filesystem::path& dir)> run;
  int runs_max = 1'000;  // where one run takes minutes

  bool less_is_better() const { return goal < at_least; }
  bool holds(double value) const { return less_is_better() ? value <= at_least : value >= at_least; }
};

struct Setting {
  std::filesystem::path plugin, programs, slow_sync;  // programs: the folder of amendsd
  double seconds = 3;                                 // of each side of a ratio
};

// In the order of docs/performance.md. The first seven are what --quick runs.
std::vector<Point> points(const Setting& setting);
inline constexpr std::size_t quick_points = 7;

// ---- groups of them --------------------------------------------------------------------------------------

std::vector<Point> storage_points(
    const Setting& setting);                               // engines in this process, on a store of their own
std::vector<Point> daemon_points(const Setting& setting);  // amendsd as a process
std::vector<Point> engines_points(const Setting& setting);  // several of them
std::vector<Point> grown_points(const Setting& setting);    // a store that is full

}  // namespace amends::bench
