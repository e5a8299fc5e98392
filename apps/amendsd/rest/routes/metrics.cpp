#include <cstdio>

#include "apps/amendsd/rest/routes/api.hpp"
#include "apps/amendsd/rest/routes/page.hpp"

namespace amends::rest {
namespace {

void add_flush_time(Page& page, const engine::TimeHistogram& histogram) {
  page.head("amends_flush_seconds", "histogram", "Time of one durable flush.");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < histogram.bounds.size(); ++i) {
    below += histogram.buckets[i].load(std::memory_order_relaxed);
    char bound[32];
    std::snprintf(bound, sizeof bound, "%g", static_cast<double>(histogram.bounds[i]) / 1e6);
    page.line("amends_flush_seconds_bucket", label("le", bound), below);
  }
  const std::uint64_t all =
      below + histogram.buckets[histogram.bounds.size()].load(std::memory_order_relaxed);
  page.line("amends_flush_seconds_bucket", label("le", "+Inf"), all);
  page.line("amends_flush_seconds_sum", "",
            static_cast<double>(histogram.sum_micros.load(std::memory_order_relaxed)) / 1e6);
  page.line("amends_flush_seconds_count", "", all);
}

}  // namespace

std::string metrics_text(const engine::Metrics& m) {
  using engine::Direction;
  using engine::Outcome;
  using engine::SagaState;
  Page page;
  page.single("amends_sagas_started_total", "counter", "Sagas started, durably.", m.started);
  page.single("amends_start_duplicates_total", "counter", "Starts whose key was taken already.",
              m.duplicates);
  page.head("amends_sagas_reached_total", "counter",
            "Sagas that ended or came to need an operator, by state.");
  for (const SagaState state :
       {SagaState::completed, SagaState::compensated, SagaState::needs_operator, SagaState::abandoned})
    page.line("amends_sagas_reached_total", label("state", name_of(state)),
              m.reached[static_cast<std::size_t>(state)].load(std::memory_order_relaxed));
  page.head("amends_step_attempts_total", "counter", "Attempts answered, by direction and outcome.");
  for (const Direction direction : {Direction::run, Direction::undo})
    for (const Outcome outcome : {Outcome::done, Outcome::rejected, Outcome::transient, Outcome::unknown})
      page.line("amends_step_attempts_total",
                label("direction", name_of(direction)) + "," + label("outcome", name_of(outcome)),
                m.attempts[static_cast<std::size_t>(direction)][static_cast<std::size_t>(outcome)].load(
                    std::memory_order_relaxed));
  page.single("amends_sagas_live", "gauge",
              "Sagas in memory; those that wait for long or need an operator are not.", m.live);
  page.single("amends_attempts_in_flight", "gauge", "Attempts handed out and not yet answered.", m.in_flight);
  page.single("amends_retired_sagas_total", "counter", "Finished sagas that have left the store.", m.retired);
  page.single("amends_archive_failures_total", "counter",
              "Times that finished sagas stayed because they could not be archived.", m.archive_failures);
  page.single("amends_retention_stuck", "gauge",
              "1 while finished sagas or old keys cannot leave: their archive or the store fails.",
              m.retiring_stuck);
  page.single("amends_commands_refused_total", "counter",
              "Starts from SQL and commands for other engines that were answered invalid, durably.",
              m.commands_refused);
  page.single("amends_flushes_total", "counter", "Durable flushes.", m.flushes);
  page.single("amends_flush_rows_total", "counter", "Journal rows written by flushes.", m.flush_rows);
  page.single("amends_flush_failures_total", "counter", "Flushes that were refused or in doubt.",
              m.flush_failures);
  page.single("amends_store_refuses", "gauge", "1 while the store refuses every flush, as on a full disk.",
              m.refusing);
  add_flush_time(page, m.flush_time);
  return page.take();
}

}  // namespace amends::rest
