// Finished sagas leave the store, in pieces, and never for more than a share of the time.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/ports/archive.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/observer.hpp"
#include "engine/ports/retention.hpp"

namespace amends::engine {

struct RetiringOptions {
  std::optional<Millis> finished;            // how long sagas stay after their end; nothing: for ever
  double share = 0.05;                       // of the time, at most; above 0, at most 1
  Millis keys_kept{7LL * 24 * 3600 * 1000};  // start keys stay so long after their saga's end
};

// How much is done at once: so much that it takes about the time that was set.
class PieceSize {
 public:
  explicit PieceSize(std::uint32_t max) : max_(max) {}
  std::uint32_t count() const { return count_; }
  // `full`: the piece did as much as it was allowed to.
  void took(Micros time, Micros goal, bool full);
  void halve() { count_ = count_ > 1 ? count_ / 2 : 1; }

 private:
  const std::uint32_t max_;
  std::uint32_t count_ = 16;
};

// Passive: each step does one piece. A round is all shards once, then start keys, then answered commands. One
// thread.
class Retiring {
 public:
  // `owned` says which shards are ours; without an archive sagas leave for good.
  Retiring(RetiringOptions options, Retention& store, std::function<std::vector<ShardId>()> owned,
           Archive* archive, Clock& clock, Observer& observer);

  // Returns how long to rest before the next one.
  Micros step();

 private:
  enum class Stage : std::uint8_t { between, sagas, keys, commands };

  void begin_round();
  void retire_some();
  void keep_keys(const std::vector<EndedSaga>& sagas);
  void next_shard();
  // These return whether there may be more.
  bool forget_some_keys();
  bool forget_some_commands();
  bool archived(const std::vector<EndedSaga>& sagas);
  void say(std::string trouble);
  void end_round();
  Micros between_rounds() const;

  const RetiringOptions options_;
  Retention& store_;
  const std::function<std::vector<ShardId>()> owned_;
  Archive* const archive_;
  Clock& clock_;
  Observer& observer_;
  PieceSize sagas_at_once_, keys_at_once_, commands_at_once_;

  Stage stage_ = Stage::between;
  std::vector<ShardId> owned_now_, to_look_at_;  // of this round; the next one last
  std::optional<SagaId> after_;                  // in the shard that is looked at
  Micros busy_{};                                // in this round
  std::uint64_t left_ = 0;                       // in this round
  bool archive_fails_ = false, store_fails_ = false;
  std::uint32_t failed_rounds_ = 0;  // one after the other
  std::string said_;                 // the trouble that was told last; empty once it is over
};

}  // namespace amends::engine
