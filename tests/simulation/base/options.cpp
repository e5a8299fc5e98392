#include "tests/simulation/base/options.hpp"

#include <charconv>

namespace amends::simulation {

std::vector<Knob> knobs_of(Options& o) {
  std::vector<Knob> out = {
      {"sagas", &o.sagas, 1},
      {"engines", &o.engines, 1},
      {"shards", &o.shards, 1},
      {"workflows", &o.workflows, 1},
      {"participants", &o.participants, 1},
      {"trouble_ms", &o.trouble_ms, 100},
      {"network_us", &o.network_us, 1'000},
      {"commit_us", &o.commit_us, 1'000},
      {"lease_ms", &o.lease_ms, 5'000},
      {"cold_ms", &o.cold_ms, 60'000},
      {"leave_ms", &o.leave_ms, 5'000},
      {"flush_sagas", &o.flush_sagas, 512},
      {"real_barrier", &o.real_barrier, 0},
      {"retire_ms", &o.retire_ms, 0},
      {"keyed", &o.keyed, 0},
      {"again", &o.again, 0},
      {"batched", &o.batched, 0},
      {"posted", &o.posted, 0},
      {"cancelled", &o.cancelled, 0},
      {"nagged", &o.nagged, 0},
      {"looked_at", &o.looked_at, 0},
      {"buggify", &o.buggify, 0},
  };
  for (const FaultRow& row : fault_rows())
    out.push_back({std::string(row.name), &o.rates[static_cast<std::size_t>(row.fault)], 0});
  return out;
}

namespace {

// Often nothing, seldom as much as there may be.
std::int64_t draw_rate(Chance& chance, std::int64_t ppm_max) {
  const std::int64_t rate = ppm_max >> chance.below(6);
  return chance.one_in(2) ? 0 : rate;
}

template <typename... Values>
std::int64_t one_of(Chance& chance, Values... values) {
  const std::int64_t all[] = {values...};
  return all[chance.below(sizeof...(values))];
}

}  // namespace

Options draw_options(std::uint64_t seed) {
  Options o;
  o.seed = seed;
  Chance chance = Chance(seed).fork("options");
  const bool shared = !chance.one_in(5);
  o.sagas = one_of(chance, 20, 60, 60, 150, 150, 150, 400);
  o.engines = shared ? chance.between(1, 4) : 1;
  o.shards = shared ? one_of(chance, 3, 5, 8, 16) : 1;
  o.workflows = chance.between(1, 4);
  o.participants = chance.between(1, 6);
  o.trouble_ms = one_of(chance, 1'000, 3'000, 3'000, 10'000, 30'000);
  o.network_us = one_of(chance, 200, 1'000, 5'000, 20'000);
  o.commit_us = one_of(chance, 100, 500, 2'000, 8'000);
  o.lease_ms = one_of(chance, 400, 1'000, 5'000);
  o.cold_ms = one_of(chance, 80, 500, 60'000);
  o.leave_ms = one_of(chance, 100, 300, 5'000);
  o.flush_sagas = one_of(chance, 4, 16, 64, 512, 512, 512);
  o.real_barrier = chance.one_in(10) ? 1 : 0;
  o.retire_ms = chance.one_in(4) ? one_of(chance, 200, 2'000) : 0;
  o.keyed = one_of(chance, 0, 30, 60, 100);
  o.again = one_of(chance, 0, 10, 30);
  o.batched = one_of(chance, 0, 20, 60);
  o.posted = shared ? one_of(chance, 0, 10, 30) : 0;
  o.cancelled = one_of(chance, 0, 5, 20, 60);
  o.nagged = one_of(chance, 0, 5, 20);
  o.looked_at = one_of(chance, 0, 10, 50);
  o.buggify = one_of(chance, 0, 0, 100'000, 400'000);
  // One seed in eight is a day without trouble: what only works because something retries shows there.
  const bool calm = chance.one_in(8);
  for (const FaultRow& row : fault_rows()) {
    const std::int64_t rate = draw_rate(chance, row.ppm_max);
    o.rates[static_cast<std::size_t>(row.fault)] = calm ? 0 : rate;
  }
  return o;
}

std::string change(Options& options, std::string_view text) {
  const std::vector<Knob> knobs = knobs_of(options);
  while (!text.empty()) {
    const auto end = text.find_first_of(" ,");
    const std::string_view word = text.substr(0, end);
    text = end == text.npos ? "" : text.substr(end + 1);
    if (word.empty()) continue;
    const auto is = word.find('=');
    if (is == word.npos) return "'" + std::string(word) + "' is not name=value";
    const Knob* found = nullptr;
    for (const Knob& knob : knobs)
      if (knob.name == word.substr(0, is)) found = &knob;
    if (!found) return "there is no option '" + std::string(word.substr(0, is)) + "'";
    const std::string_view value = word.substr(is + 1);
    const auto read = std::from_chars(value.data(), value.data() + value.size(), *found->value);
    if (read.ec != std::errc() || read.ptr != value.data() + value.size() || *found->value < 0)
      return "'" + std::string(value) + "' is not a number";
  }
  return {};
}

std::string text_of(const Options& options) {
  Options copy = options;
  std::string out;
  for (const Knob& knob : knobs_of(copy))
    if (*knob.value != 0) out += (out.empty() ? "" : " ") + knob.name + "=" + std::to_string(*knob.value);
  return out;
}

}  // namespace amends::simulation
