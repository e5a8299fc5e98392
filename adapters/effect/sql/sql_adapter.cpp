#include "adapters/effect/sql/sql_adapter.hpp"

#include "adapters/effect/sql/pool.hpp"
#include "engine/base/check.hpp"
#include "engine/base/text.hpp"

namespace amends::sql {
namespace {

engine::Answered unknown_endpoint(const engine::Attempt& attempt) {
  engine::Reply reply;
  // Not rejected: that would take sagas back for what an operator can mend.
  reply.outcome = engine::Outcome::transient;
  reply.error_class = "unknown_endpoint";
  reply.error = "no endpoint '" + engine::escape_controls(engine::shorten(attempt.request->endpoint, 80)) +
                "' of kind sql is configured";
  return {attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)};
}

}  // namespace

SqlAdapter::SqlAdapter(SqlOptions options, std::vector<SqlEndpoint> endpoints)
    : options_(std::move(options)) {
  if (!options_.wall)
    options_.wall = [] { return std::chrono::floor<engine::Micros>(std::chrono::system_clock::now()); };
  for (SqlEndpoint& endpoint : endpoints) {
    AMENDS_CHECK(findings(endpoint).empty(), "an endpoint with findings reached the SQL adapter");
    const std::string key = endpoint.name;
    const bool is_new =
        pools_.emplace(key, std::make_unique<Pool>(std::move(endpoint), options_, cut_, in_flight_)).second;
    AMENDS_CHECK(is_new, "two SQL endpoints share a name");
  }
}

SqlAdapter::~SqlAdapter() {
  stop(engine::Millis{0});
}

const engine::EndpointFacts* SqlAdapter::find_endpoint(std::string_view endpoint) const {
  const auto it = pools_.find(endpoint);
  return it == pools_.end() ? nullptr : &it->second->endpoint().facts;
}

void SqlAdapter::submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink) {
  std::vector<engine::Answered> refused;
  for (engine::Attempt& attempt : attempts) {
    const auto it = pools_.find(attempt.request->endpoint);
    if (it == pools_.end()) {
      refused.push_back(unknown_endpoint(attempt));
      continue;
    }
    in_flight_.fetch_add(1);
    it->second->take({std::move(attempt), &sink});
  }
  if (!refused.empty()) sink.deliver(std::move(refused));
}

void SqlAdapter::stop(engine::Millis limit) {
  const auto until = Clock::now() + limit;
  for (auto& [name, pool] : pools_) pool->begin_stop();
  bool is_idle = true;
  for (auto& [name, pool] : pools_) is_idle = pool->wait_idle(until) && is_idle;
  if (!is_idle) cut_.cut();
  for (auto& [name, pool] : pools_) pool->join();
}

std::vector<EndpointCounts> SqlAdapter::counts() const {
  std::vector<EndpointCounts> out;
  for (const auto& [name, pool] : pools_) out.push_back(pool->counts());
  return out;
}

}  // namespace amends::sql
