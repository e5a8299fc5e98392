#include "measure/ground.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

#include "engine/base/text.hpp"

namespace amends::measure {
namespace {

// More than any store here has taken yet, and what one leaves behind, with its log.
constexpr double sagas_per_second_most = 30'000, bytes_per_saga = 5'000;

std::string megabytes(double bytes) {
  return std::to_string(static_cast<std::uint64_t>(bytes / 1e6)) + " MB";
}

}  // namespace

std::string draw_name(const std::string& prefix) {
  std::random_device random;
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(random()));
  return prefix + digits;
}

std::string find_shortage(const std::string& dir, double seconds, double free_bytes) {
  const double sagas = std::min(seconds * sagas_per_second_most, static_cast<double>(bench_sagas_max));
  const double needed = sagas * bytes_per_saga;
  if (free_bytes >= needed) return {};
  return "the disk of " + engine::escape_controls(dir) + " has " + megabytes(free_bytes) +
         " free, and this may take " + megabytes(needed) + " for a while: give fewer --seconds, or make room";
}

std::string find_shortage(const std::string& dir, double seconds) {
  struct statvfs disk {};
  if (::statvfs(dir.c_str(), &disk) != 0) return {};
  return find_shortage(dir, seconds, static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize));
}

double median_ms(const std::function<void()>& once, const std::function<bool()>& stop_asked) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> took;
  const auto end = Clock::now() + std::chrono::milliseconds(500);
  while (took.size() < 300 && (took.size() < 5 || Clock::now() < end)) {
    if (stop_asked()) throw Stopped();
    const auto begin = Clock::now();
    once();
    took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  return find_quantile(took, 0.5);
}

}  // namespace amends::measure
