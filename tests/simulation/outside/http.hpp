// What travels between an engine and a participant.
#pragma once
#include <cstdint>
#include <string>

#include "engine/base/saga_id.hpp"
#include "engine/definition/request.hpp"

namespace amends::simulation {

struct HttpRequest {
  engine::SagaId saga;
  std::string step;
  engine::Direction direction = engine::Direction::run;
  std::string method, path, body;
  std::string key;            // Idempotency-Key
  std::uint32_t attempt = 1;  // Amends-Attempt
  std::uint64_t epoch = 0;    // Amends-Epoch
  std::int64_t not_after_ms = 0;

  bool reads() const { return method == "GET"; }
};

struct HttpAnswer {
  int status = 200;
  std::string body;
  std::string barrier;      // Amends-Barrier
  std::string retry_after;  // Retry-After
};

}  // namespace amends::simulation
