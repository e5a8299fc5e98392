#include "tests/simulation/runner/report.hpp"

#include <cinttypes>
#include <cstdio>

namespace amends::simulation {
namespace {

// "name 12, other 3", those that are not 0.
template <typename Count, typename Name>
std::string listed(const Count& counts, Name&& name) {
  std::string out;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] != 0)
      out += (out.empty() ? "" : ", ") + std::string(name(i)) + " " + std::to_string(counts[i]);
  return out.empty() ? "nothing" : out;
}

std::string_view fault_name(std::size_t i) {
  return name_of(static_cast<Fault>(i));
}
std::string_view seen_name(std::size_t i) {
  return name_of(static_cast<Seen>(i));
}

}  // namespace

void print_run(const Options& options, const Result& result) {
  std::printf("seed %" PRIu64 "\noptions: %s\n", options.seed, text_of(options).c_str());
  std::printf("hash %016" PRIx64 ", %" PRIu64 " events, %" PRIu64 " sagas, %.3f s simulated\n", result.hash,
              result.events, result.sagas, static_cast<double>(result.simulated.count()) / 1e6);
  std::printf("faults: %s\n", listed(result.faults, fault_name).c_str());
  std::printf("seen: %s\n", listed(result.coverage.counts(), seen_name).c_str());
  std::string ways;
  for (const auto& [point, times] : result.rare_ways)
    ways += (ways.empty() ? "" : ", ") + point + " " + std::to_string(times);
  std::printf("rare ways: %s\n", ways.empty() ? "none" : ways.c_str());
  std::printf("%s\n",
              result.broken.empty() ? "all promises were kept" : ("BROKEN: " + result.broken).c_str());
}

void print_tally(const Tally& tally) {
  std::printf(
      "%" PRIu64 " seeds, %" PRIu64 " sagas, %" PRIu64 " events, %.0f s simulated, hash %016" PRIx64 "\n",
      tally.seeds, tally.sagas, tally.events, static_cast<double>(tally.simulated_us) / 1e6, tally.hash);
  std::printf("faults: %s\n", listed(tally.faults, fault_name).c_str());
  std::printf("seen: %s\n", listed(tally.seen, seen_name).c_str());
  std::printf("%.0f sagas a second and core; %.0f calibration loops a second; ratio %.4f\n",
              tally.sagas_per_second(), tally.loops_per_second(),
              tally.loops_per_second() > 0 ? tally.sagas_per_second() / tally.loops_per_second() : 0);
}

std::vector<std::string> unseen(const Tally& tally) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < seen_count; ++i)
    if (tally.seen[i] == 0) out.emplace_back(seen_name(i));
  for (std::size_t i = 0; i < fault_count; ++i)
    if (tally.faults[i] == 0) out.emplace_back(fault_name(i));
  return out;
}

}  // namespace amends::simulation
