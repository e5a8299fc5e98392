// What a store that several engines share adds to the metrics.
#include <algorithm>

#include "apps/amendsd/rest/routes/api.hpp"
#include "apps/amendsd/rest/routes/page.hpp"
#include "engine/service/sharing.hpp"

namespace amends::rest {
namespace {

double seconds(engine::Millis time) {
  return static_cast<double>(time.count()) / 1e3;
}

double seconds(engine::Elapsed from, engine::Elapsed to) {
  return seconds(std::chrono::duration_cast<engine::Millis>(to - from));
}

void gauge(Page& page, const char* name, const char* help, std::uint64_t value) {
  page.head(name, "gauge", help);
  page.line(name, "", value);
}

void gauge(Page& page, const char* name, const char* help, double value) {
  page.head(name, "gauge", help);
  page.line(name, "", value);
}

}  // namespace

std::string sharing_metrics_text(const engine::SharingWatch::Seen& seen, std::uint64_t owned,
                                 std::size_t writers, engine::Elapsed now) {
  const engine::SharedCounts& counts = seen.counts;
  Page page;
  page.head(
      "amends_engines", "gauge",
      "Engines that share the store, one for each writer; the dead are gone without having left, for at most "
      "a day.");
  page.line("amends_engines", label("state", "alive"), std::uint64_t{counts.alive});
  page.line("amends_engines", label("state", "dead"), std::uint64_t{counts.dead});
  gauge(page, "amends_shards_owned", "Shards that this engine owns, all its writers together.", owned);
  gauge(page, "amends_shards_fair_share",
        "Shards divided by the living writers, rounded up, for each writer of this engine.",
        std::min<std::uint64_t>(counts.shards, engine::fair_share(counts) * std::uint64_t{writers}));
  gauge(page, "amends_shards_free", "Shards that no engine owns.", std::uint64_t{counts.free});
  gauge(page, "amends_shards_free_seconds", "For how long there have been shards that no engine owns.",
        seen.free_since ? seconds(*seen.free_since, now) : 0.0);
  gauge(page, "amends_commands_waiting",
        "Starts from SQL and commands for other engines that are undecided, up to 100000.", counts.waiting);
  gauge(page, "amends_commands_oldest_seconds", "How long the oldest of them has waited.",
        seconds(counts.oldest_waits.value_or(engine::Millis(0))));
  gauge(page, "amends_sharing_read_age_seconds", "How long ago the store was asked for these.",
        seconds(seen.read_at, now));
  return page.take();
}

}  // namespace amends::rest
