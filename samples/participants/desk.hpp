// A participant's front desk: takes requests over HTTP, lets each take effect once, and now and then
// misbehaves.
#pragma once
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "amends/barrier.hpp"
#include "samples/participants/business.hpp"
#include "samples/participants/call_log.hpp"
#include "samples/participants/database.hpp"
#include "samples/participants/mischief.hpp"

namespace participants {

struct DeskOptions {
  std::chrono::milliseconds slow{40};     // how long a slow answer takes
  std::chrono::milliseconds late{2'400};  // longer than the caller waits
  bool barrier =
      true;  // without it every delivery takes effect, which is what the barrier is there to prevent
  bool log_calls = false;  // into the database, see CallLog
};

// Any thread; the database works for one request at a time.
class Desk {
 public:
  Desk(Database& db, Mischief& mischief, DeskOptions options);

  void serve(httplib::Server& server, const Business& business);
  // Holds the database from now on: what is in work was finished, nothing new begins. Leaves in the table
  // `tally` how often which accident and which answer of the barrier occurred.
  void close();

 private:
  struct Answer {
    int status = 200;
    std::string body;
    std::string barrier;  // the header Amends-Barrier
  };

  void take(const Route& route, const httplib::Request& request, httplib::Response& response);
  void count(std::string_view what);
  // What was answered without any work.
  void note(const Arrival& arrival, int status);
  Answer work(const Route& route, const amends::BarrierCall& call, const Order& order,
              const Arrival& arrival);

  Database& db_;
  Mischief& mischief_;
  const DeskOptions options_;
  std::mutex database_mutex_;
  amends::Barrier barrier_;          // guarded by database_mutex_, like db_
  std::optional<CallLog> call_log_;  // guarded by database_mutex_
  std::atomic<std::int64_t> arrivals_{0};
  std::mutex tally_mutex_;
  std::map<std::string, std::int64_t, std::less<>> tally_;  // guarded by tally_mutex_
};

}  // namespace participants
