// A whole engine on a store of its own, kept busy by a closed loop of clients.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/journal/entry.hpp"
#include "engine/ports/store.hpp"

namespace amends::bench {

// What a flush of the engine holds at most, and so of the raw writers.
inline constexpr std::size_t flush_sagas_max = 512;

struct Load {
  std::string workflow;         // of the bench plugin
  std::size_t live = 256;       // sagas that are not over at any instant
  double seconds = 3;           // no new sagas after it; those that live are waited for
  std::uint16_t http_port = 0;  // where the endpoint "bench" serves, for HTTP steps
  engine::SagaState end = engine::SagaState::completed;  // how all of them end
};

struct Ran {
  std::uint64_t sagas = 0;
  double seconds = 0;
  double cpu_seconds = 0;  // of this process, engine and clients
  double flush_rows = 0;   // journal rows per flush, on average
  double p50_ms = 0;       // of a saga, from its start's acceptance by the engine until its end was durable
  double sagas_per_second() const { return static_cast<double>(sagas) / seconds; }
};

// `store` is empty and not taken over yet. Throws std::runtime_error with a sentence when a saga did not
// complete.
Ran run_engine(const Load& load, const std::filesystem::path& plugin, engine::Store& store);
// On SQLite: `dir` must not exist; the store stays there.
Ran run_engine(const Load& load, const std::filesystem::path& plugin, const std::filesystem::path& dir);

}  // namespace amends::bench
