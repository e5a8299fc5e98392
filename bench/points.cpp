#include "bench/points.hpp"

namespace amends::bench {

std::vector<Point> points(const Setting& setting) {
  std::vector<Point> out = storage_points(setting);
  for (Point& point : daemon_points(setting)) out.push_back(std::move(point));
  for (Point& point : engines_points(setting)) out.push_back(std::move(point));
  for (Point& point : grown_points(setting)) out.push_back(std::move(point));
  return out;
}

}  // namespace amends::bench
