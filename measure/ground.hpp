// Where `amends bench` measures: a store of its own beside a user's, and gone afterwards.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "engine/ports/store.hpp"
#include "measure/lockstep.hpp"

namespace amends::measure {

// Why it cannot be measured, in a sentence for the user.
struct Refused : std::runtime_error {
  enum class Why : std::uint8_t { usage, unavailable };
  Refused(Why reason, const std::string& sentence) : std::runtime_error(sentence), why(reason) {}
  Why why;
};

// What one durable commit of one small row takes, and how much of it the disk does.
struct CommitCost {
  double commit_ms = 0, disk_ms = 0;  // medians
};

// Counted from some instant on: only differences mean something. Nothing where it cannot be seen from here.
struct Counted {
  std::optional<double> database_cpu_seconds, wal_bytes;  // of the whole server
};

// One thread. Everything but the destructor throws std::runtime_error with a sentence.
class Ground {
 public:
  virtual ~Ground() = default;
  // Where it is and what it is called, for people.
  virtual const std::string& shown() const = 0;
  virtual const std::string& name() const = 0;
  virtual CommitCost measure_commit(const std::function<bool()>& stop_asked) = 0;
  // An empty store; what was in it is deleted.
  virtual std::unique_ptr<engine::Store> open() = 0;
  // Writes again what an engine wrote since open(); the store is closed.
  virtual Ran write_raw(std::size_t live, const RawLimits& limits) = 0;
  virtual Counted count() = 0;
  // Removes everything that it made. A sentence that says what is left and how it goes away, empty when
  // nothing is. Safe twice.
  virtual std::string remove() = 0;
};

// A new database on the server at `url`, or in `database`, if it is not empty, the schema `amends`, which
// must not be there. Throws Refused.
std::unique_ptr<Ground> make_postgres_ground(const std::string& url, const std::string& database,
                                             double seconds);
// A new folder in `dir`. Throws Refused.
std::unique_ptr<Ground> make_sqlite_ground(const std::string& dir, double seconds);

// ---- what both need --------------------------------------------------------------------------------------

inline constexpr std::uint64_t bench_sagas_max = 2'000'000;  // of one load, however long it is to last

// "amends_bench_" and eight hexadecimal digits.
std::string draw_name(const std::string& prefix);
// A sentence when the disk that holds `dir` has no room for that many seconds; empty also when it cannot be
// known.
std::string find_shortage(const std::string& dir, double seconds);
std::string find_shortage(const std::string& dir, double seconds, double free_bytes);
// The median of repeating `once` for half a second or 300 times, in milliseconds.
double median_ms(const std::function<void()>& once, const std::function<bool()>& stop_asked);

}  // namespace amends::measure
