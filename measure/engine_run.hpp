// A whole engine on a store of its own, kept busy by a closed loop of clients.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal/entry.hpp"
#include "engine/ports/store.hpp"
#include "measure/ran.hpp"
#include "workflows/host/host.hpp"

namespace amends::measure {

struct Load {
  std::string workflow;         // of the bench plugin
  std::size_t live = 256;       // sagas that are not over at any instant
  double seconds = 3;           // no new sagas after it; those that live are waited for
  std::uint16_t http_port = 0;  // where the endpoint "bench" serves, for HTTP steps
  engine::SagaState end = engine::SagaState::completed;     // how all of them end
  std::uint64_t sagas_max = ~std::uint64_t{0};              // no new ones beyond it either
  std::function<bool()> stop_asked = [] { return false; };  // asked many times a second: true ends it early
  // What an operator would be warned of; to stderr unless given.
  std::function<void(std::string_view)> warn = {};
};

// `store` is empty and not taken over yet. Throws std::runtime_error with a sentence when a saga did not end
// as it should, and Stopped.
Ran run_engine(const Load& load, const engine::Host& host, engine::Store& store);
// One process with a writer on each of the stores, which are shared.
Ran run_engine(const Load& load, const engine::Host& host, const std::vector<engine::Store*>& stores);
// With the workflows of a plugin's file.
Ran run_engine(const Load& load, const std::filesystem::path& plugin, engine::Store& store);
Ran run_engine(const Load& load, const std::filesystem::path& plugin,
               const std::vector<engine::Store*>& stores);
// On SQLite: `dir` must not exist; the store stays there.
Ran run_engine(const Load& load, const std::filesystem::path& plugin, const std::filesystem::path& dir);

}  // namespace amends::measure
