// One connection to a participant's database, and one transaction at a time on it.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "adapters/effect/sql/failure.hpp"
#include "adapters/effect/sql/options.hpp"
#include "adapters/effect/sql/request_data.hpp"
#include "amends/barrier_rules.hpp"

namespace amends::sql {

using Clock = std::chrono::steady_clock;

// Readable, for ever, from the moment in which everything in flight is to be cut.
class CutSignal {
 public:
  CutSignal();
  ~CutSignal();
  CutSignal(const CutSignal&) = delete;
  CutSignal& operator=(const CutSignal&) = delete;
  void cut();
  bool is_cut() const;
  int descriptor() const { return event_; }

 private:
  int event_;
};

// How long to wait for the database.
struct Bounds {
  Clock::time_point until;
  const CutSignal* cut = nullptr;

  engine::Millis left() const;  // at least 0
};

// What is found under the barrier's lock.
struct Opened {
  BarrierSeen seen;
  std::int64_t now_ms = 0;  // by the database's clock
};

struct Rows {
  std::uint64_t count = 0;  // touched, or returned by a statement that only reads
  engine::Json rows = engine::Json::array();
};

// One thread. Everything throws Failure, after which only rollback() may be called.
class Session {
 public:
  virtual ~Session() = default;

  // Begins; with a call, takes the barrier's lock for its step and reads what is kept about it.
  virtual Opened begin(const BarrierCall* call, bool read_only, const Bounds& bounds) = 0;
  // `params` are the statement's with everything filled in; `bytes_max` bounds what its rows hold as text.
  virtual Rows run(const std::string& sql, const engine::Json& params, std::size_t bytes_max) = 0;
  // Keeps the answer, if there is one, and commits.
  virtual void commit(const BarrierCall* call, const BarrierResult* kept) = 0;
  // Ends what was begun; a connection that cannot do even that is broken from then on.
  virtual void rollback() noexcept = 0;
  // Whether it can begin again. Asks nobody.
  virtual bool is_good() = 0;
};

// Connects, within the bounds. Throws Failure.
std::unique_ptr<Session> connect_postgres(const SqlEndpoint& endpoint, const std::string& password,
                                          const Bounds& bounds);
std::unique_ptr<Session> connect_sqlite(const SqlEndpoint& endpoint, const Bounds& bounds);

}  // namespace amends::sql
