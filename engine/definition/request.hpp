// A step's request: an effect described as data. Adapters turn it into I/O.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace amends::engine {

enum class Direction : std::uint8_t { run, undo };
std::string_view name_of(Direction direction);

struct Request {
  std::string adapter;   // "http"
  std::string endpoint;  // a configured name, never a URL
  std::string
      body;  // canonical JSON, its meaning is the adapter's; at most 1 MiB; the same bytes for all attempts

  bool operator==(const Request&) const = default;
};

using RequestPtr = std::shared_ptr<const Request>;

// What the participant does when it sees the same idempotency key again.
enum class Idempotency : std::uint8_t {
  key,      // it dedupes by Idempotency-Key
  barrier,  // it keeps the barrier: at most once, and never after its undo
  natural,  // doing it twice is doing it once
  none,     // it may happen twice: an unknown outcome is never resent
};
std::string_view name_of(Idempotency idempotency);
std::optional<Idempotency> find_idempotency(std::string_view name);

// How an endpoint behaves, as configured; journalled with the request so that a decision is a function of the
// journal.
struct EndpointFacts {
  Idempotency idempotency = Idempotency::none;
  Millis remembers{
      0};  // how long it knows a key; 0 is for ever. An unknown attempt is never resent later than that.

  bool operator==(const EndpointFacts&) const = default;
};

}  // namespace amends::engine
