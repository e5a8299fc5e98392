// What is measured, and how each figure is got. Every value is a ratio within one run: absolute times are
// noise here.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace amends::bench {

struct Point {
  std::string name, unit;
  double goal = 0, at_least = 0;
  std::string what;  // one sentence
  // One run; takes a fresh directory, gives the ratio.
  std::function<double(const std::filesystem::path& dir)> run;
};

struct Setting {
  std::filesystem::path plugin;
  double seconds = 3;  // of each side of a ratio
};

std::vector<Point> points(const Setting& setting);

}  // namespace amends::bench
