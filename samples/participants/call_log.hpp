// What this participant did with each request, in a table of its own database: what an independent reader
// holds against the journal of whoever sent the requests.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "amends/barrier_rules.hpp"
#include "samples/participants/database.hpp"

namespace participants {

// A request as it arrived. One arrival may be worked on twice.
struct Arrival {
  std::int64_t number = 0;
  std::string method, path, body, key, attempt, epoch, not_after;
};

// One thread at a time, like the database.
class CallLog {
 public:
  // Makes the table `calls` when it is missing.
  explicit CallLog(Database& db);

  // Within the transaction of the effect: both are kept or neither.
  void took_effect(const Arrival& arrival, bool undo, std::string_view code,
                   const amends::BarrierAnswer& answer);
  // What changed nothing; on its own.
  void changed_nothing(const Arrival& arrival, std::string_view code, int status, const std::string& body);

 private:
  void write(const Arrival& arrival, std::string_view code, int status, const char* effect,
             const std::string& body);

  Database& db_;
};

}  // namespace participants
