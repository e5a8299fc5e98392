// The effect adapter "http": attempts become HTTP requests on libcurl's multi interface.
// docs/outcomes.md says what each answer means.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/effect/http/options.hpp"
#include "engine/ports/effect.hpp"

namespace amends::http {

struct Endpoint;
class Loop;

struct EndpointCounts {
  std::string name;
  std::uint64_t queued = 0, in_flight = 0;                           // now
  std::uint64_t done = 0, rejected = 0, transient = 0, unknown = 0;  // since the start
  std::uint64_t connections = 0;                                     // opened since the start
};

// Any thread. Sinks must outlive stop().
class HttpAdapter final : public engine::EffectAdapter {
 public:
  // The endpoints have no findings, and no two share a name. Starts the event loops.
  HttpAdapter(HttpOptions options, std::vector<HttpEndpoint> endpoints);
  ~HttpAdapter() override;

  std::string_view name() const override { return "http"; }
  const engine::EndpointFacts* find_endpoint(std::string_view endpoint) const override;
  void submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink) override;
  void stop(engine::Millis limit) override;
  std::size_t in_flight() const override { return in_flight_.load(); }

  // In the order of their names.
  std::vector<EndpointCounts> counts() const;

 private:
  struct Seat {
    std::size_t loop = 0;
    std::uint32_t lane = 0;
  };
  struct Place {
    std::unique_ptr<Endpoint> endpoint;
    std::vector<Seat> seats;  // one, or one in each loop
    std::atomic<std::size_t> turn{0};
    const Seat& next() { return seats[turn.fetch_add(1, std::memory_order_relaxed) % seats.size()]; }
  };

  HttpOptions options_;
  std::map<std::string, Place, std::less<>> places_;
  std::atomic<std::size_t> in_flight_{0};
  std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace amends::http
