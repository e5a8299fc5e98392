#include "adapters/effect/http/http_adapter.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>

#include "adapters/effect/http/endpoint.hpp"
#include "adapters/effect/http/loop.hpp"
#include "engine/base/check.hpp"
#include "engine/base/text.hpp"

namespace amends::http {
namespace {

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    AMENDS_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl does not start");
  });
}

engine::Answered answered(const engine::Attempt& attempt, engine::Reply reply) {
  return {attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)};
}

engine::Reply unknown_endpoint(const std::string& name) {
  engine::Reply reply;
  // Not rejected: that would take sagas back for what an operator can mend.
  reply.outcome = engine::Outcome::transient;
  reply.error_class = "unknown_endpoint";
  reply.error = "no endpoint '" + engine::escape_controls(engine::shorten(name, 80)) + "' is configured";
  return reply;
}

// An endpoint with few calls or a rate is served by one loop, which alone keeps its limit and its order. A
// wide one is spread over all: one loop is one core, and a single busy endpoint would be held to it.
constexpr std::size_t spread_from = 32;  // calls in flight for each loop

std::size_t lanes_of(const HttpEndpoint& config, std::size_t threads) {
  const bool wide = config.rate_per_second <= 0 && config.concurrency_max >= spread_from * threads;
  return wide ? threads : 1;
}

engine::Reply stopping() {
  Exchange exchange;
  exchange.ending = Ending::stopping;
  return classify(exchange, {}, {});
}

}  // namespace

HttpAdapter::HttpAdapter(HttpOptions options, std::vector<HttpEndpoint> endpoints)
    : options_(std::move(options)) {
  start_library();
  if (!options_.wall)
    options_.wall = [] { return std::chrono::floor<engine::Micros>(std::chrono::system_clock::now()); };
  const std::size_t threads = std::max<std::size_t>(1, options_.threads);
  std::vector<std::vector<Share>> shares(threads);
  std::size_t next = 0;
  for (auto& endpoint : endpoints) {
    AMENDS_CHECK(findings(endpoint).empty(), "an endpoint with findings reached the HTTP adapter");
    const std::string key = endpoint.name;
    const auto [it, fresh] = places_.try_emplace(key);
    AMENDS_CHECK(fresh, "two HTTP endpoints share a name");
    Place& place = it->second;
    place.endpoint = std::make_unique<Endpoint>(std::move(endpoint), options_);
    const std::size_t lanes = lanes_of(place.endpoint->config, threads);
    const std::size_t limit = place.endpoint->config.concurrency_max;
    for (std::size_t i = 0; i < lanes; ++i, ++next) {
      auto& share = shares[next % threads];
      place.seats.push_back({next % threads, static_cast<std::uint32_t>(share.size())});
      share.push_back({place.endpoint.get(), limit / lanes + (i < limit % lanes ? 1 : 0)});
    }
  }
  for (auto& share : shares)
    loops_.push_back(std::make_unique<Loop>(share, options_, options_.wall, in_flight_));
}

HttpAdapter::~HttpAdapter() {
  stop(engine::Millis{0});
}

const engine::EndpointFacts* HttpAdapter::find_endpoint(std::string_view endpoint) const {
  const auto it = places_.find(endpoint);
  return it == places_.end() ? nullptr : &it->second.endpoint->config.facts;
}

void HttpAdapter::submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink) {
  std::vector<std::vector<Parcel>> parcels(loops_.size());
  std::vector<engine::Answered> refused;
  for (auto& attempt : attempts) {
    const auto it = places_.find(attempt.request->endpoint);
    if (it == places_.end()) {
      refused.push_back(answered(attempt, unknown_endpoint(attempt.request->endpoint)));
    } else {
      const Seat& seat = it->second.next();
      parcels[seat.loop].push_back({seat.lane, {std::move(attempt), &sink}});
    }
  }
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    if (parcels[i].empty()) continue;
    // Counted before: the loop may answer before submit returns.
    const auto count = parcels[i].size();
    in_flight_.fetch_add(count);
    if (loops_[i]->submit(parcels[i])) continue;
    in_flight_.fetch_sub(count);
    for (const auto& parcel : parcels[i]) refused.push_back(answered(parcel.pending.attempt, stopping()));
  }
  if (!refused.empty()) sink.deliver(std::move(refused));
}

void HttpAdapter::stop(engine::Millis limit) {
  for (auto& loop : loops_) loop->begin_stop(limit);
  for (auto& loop : loops_) loop->join();
}

std::vector<EndpointCounts> HttpAdapter::counts() const {
  std::vector<EndpointCounts> out;
  for (const auto& [name, place] : places_) {
    const auto& c = place.endpoint->counters;
    const auto of = [&c](engine::Outcome outcome) {
      return c.answered[static_cast<std::size_t>(outcome)].load();
    };
    out.push_back({name, c.queued.load(), c.in_flight.load(), of(engine::Outcome::done),
                   of(engine::Outcome::rejected), of(engine::Outcome::transient),
                   of(engine::Outcome::unknown), c.connections.load()});
  }
  return out;
}

}  // namespace amends::http
