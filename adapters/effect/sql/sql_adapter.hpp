// The effect adapter "sql": attempts become transactions in a participant's PostgreSQL or SQLite, with the
// barrier's row in the same transaction. docs/sql_steps.md says what each answer means.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/effect/sql/options.hpp"
#include "adapters/effect/sql/session.hpp"
#include "engine/ports/effect.hpp"

namespace amends::sql {

class Pool;

struct EndpointCounts {
  std::string name;
  std::uint64_t queued = 0, in_flight = 0;  // now
};

// Any thread. Sinks must outlive stop().
class SqlAdapter final : public engine::EffectAdapter {
 public:
  // The endpoints have no findings, and no two share a name. Connects to nothing before the first attempt.
  SqlAdapter(SqlOptions options, std::vector<SqlEndpoint> endpoints);
  ~SqlAdapter() override;

  std::string_view name() const override { return "sql"; }
  const engine::EndpointFacts* find_endpoint(std::string_view endpoint) const override;
  void submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink) override;
  void stop(engine::Millis limit) override;
  std::size_t in_flight() const override { return in_flight_.load(); }

  // In the order of their names.
  std::vector<EndpointCounts> counts() const;

 private:
  SqlOptions options_;
  CutSignal cut_;
  std::atomic<std::size_t> in_flight_{0};
  std::map<std::string, std::unique_ptr<Pool>, std::less<>> pools_;
};

// Makes the barrier's table when it is missing, and says whether it was. `url` may hold a password. A
// sentence when it failed, "" when done.
std::string ensure_barrier(const std::string& url, bool* was_missing = nullptr);
// The SQL that makes it, for "postgres" or "sqlite"; empty for another word.
std::string barrier_sql(std::string_view dialect);

}  // namespace amends::sql
