// What `amends bench` does: how many sagas does this database bear?
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "measure/ground.hpp"

namespace amends::measure {

struct BenchAsked {
  std::string store;     // a postgres:// URL or a directory
  std::string database;  // of PostgreSQL: an empty one to use instead of making one
  double seconds = 5;    // of each load
  std::vector<std::size_t> live = {1, 32, 256};
  bool keep = false;                             // what it made stays
  std::function<void(const std::string&)> tell;  // what it is at
  std::function<void(const std::string&)> warn;  // what is left behind
};

// For each load the engine with three local steps and then the raw writer of the same rows. The answer's
// members are those that docs/cli.md lists. Ends early at SIGINT, SIGTERM or SIGHUP and removes what it made
// all the same. Call it before other threads run. Throws Refused, Stopped and std::runtime_error with a
// sentence.
engine::Json bench_store(const BenchAsked& asked);

}  // namespace amends::measure
