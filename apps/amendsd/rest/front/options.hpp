// The front's bounds. Every one exists because a client once ignored it.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "apps/amendsd/rest/front/head.hpp"

namespace amends::rest {

struct FrontOptions {
  std::string address = "127.0.0.1";  // an IPv4 or IPv6 address, not a name
  std::uint16_t port = 0;             // 0: any free one
  HeadLimits limits = {};

  std::size_t workers = 8;
  std::size_t queue_max = 1024;                     // complete requests that wait for a worker; beyond: 503
  std::size_t connections_max = 4096;               // beyond: 503 and closed
  std::size_t pending_bodies_bytes_max = 64 << 20;  // announced bodies not yet handed over; beyond: 503

  // Absolute, from the first byte of a request: sending slowly does not extend them. Beyond: 408.
  std::chrono::milliseconds head_timeout{3'000};
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds idle_timeout{30'000};   // between requests: closed
  std::chrono::milliseconds write_timeout{10'000};  // for taking a whole answer: closed
  std::chrono::milliseconds linger{2'000};          // for reading a refusal while still sending
  std::chrono::milliseconds drain{5'000};           // for stop()
};

}  // namespace amends::rest
