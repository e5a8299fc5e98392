// What the engine does between its inbox and its shard: takes what came, lets the shard decide, hands on what
// follows.
//
// Passive: it moves only in turn(), it has no thread and waits for nothing, and it knows the time only from
// its clock. With the same messages at the same times it does the same things in the same order, whether a
// thread drives it or a simulation.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/ports/catalog.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/effect.hpp"
#include "engine/ports/lease.hpp"
#include "engine/ports/observer.hpp"
#include "engine/ports/shared_store.hpp"
#include "engine/runtime/callbacks.hpp"
#include "engine/runtime/inbox.hpp"
#include "engine/runtime/pace.hpp"
#include "engine/runtime/prepare_queue.hpp"
#include "engine/runtime/shard.hpp"
#include "engine/runtime/standing.hpp"
#include "engine/runtime/waiters.hpp"
#include "engine/runtime/writer_jobs.hpp"

namespace amends::engine {

struct LoopOptions {
  ShardOptions shard;                         // its `shared` says whether the store is
  std::size_t starts_waiting_max = 20'000;    // for the loop, and again for their commit
  std::size_t commands_waiting_max = 20'000;  // for their commit; beyond it they are answered unavailable
  std::size_t waits_max = 50'000;             // beyond it a wait's time is up at once
  Millis purge_every{60'000};                 // what is kept of earlier flushes is forgotten that often
};

// What a loop refers to. All of it must outlive it.
struct LoopParts {
  Clock& clock;
  Entropy& entropy;
  const PlanCatalog& catalog;
  std::vector<EffectAdapter*> adapters;  // found by their names
  Observer& observer;
  Lease& lease;  // that attempts leave under, where the store is shared
  Inbox& inbox;  // where adapters, the writer and authors' functions answer
  Standing& standing;
  WriterQueue& writer;
  PrepareQueue& prepares;
};

// One thread, but for deliver().
class Loop final : private ReplySink {
 public:
  Loop(LoopOptions options, LoopParts parts, std::vector<PlanPtr> plans);

  // The store has been taken over. Has the sagas read back that may move; where the store is shared, the
  // first turn asks for shards.
  void begin(const Writer& writer);
  // Handles what was taken out of the inbox, and whatever is due by now. `items` is used up.
  void turn(InboxItems& items, Now now);
  // How long nothing happens by itself; nothing: until something comes.
  std::optional<Micros> wait_limit(Now now) const;
  Now time() const { return {clock_.wall(), clock_.elapsed()}; }

  // Starts have been taken for the first time; then what was read back until then, which does not change any
  // more. Who waits longer than `found_until` is not among them.
  bool opened() const { return opened_; }
  const Recovered& found() const { return found_; }
  WallTime found_until() const { return found_until_; }

  // While stopping, after a turn: nothing is left to be written, and nothing is ours in a shared store.
  // `quiet`: that turn was about no message.
  bool finished(bool quiet);
  // The last thing: closes the inbox, and answers all who still wait.
  void answer_rest();

  const Shard& shard() const { return shard_; }

 private:
  // loop.cpp
  void deliver(std::vector<Answered> answers) override;
  void take_commands(std::vector<PostedCommand>& commands, Now now);
  void take_starts(std::vector<PostedStart>& starts, Now now);
  void take_waits(std::vector<PostedWait>& waits);
  std::optional<WaitOutcome> look_for(const SagaId& saga);
  void doubt_unfit(Answered& answer) const;
  void flush(Now now);
  void explain();

  // loop_dispatch.cpp
  void prepare(Now now);
  void dispatch(Now now);
  void hand_out(std::vector<Attempt> attempts);
  std::vector<Attempt> covered(std::vector<Attempt> attempts);
  void answer_homeless(std::vector<Attempt> attempts);

  // loop_reports.cpp
  void look_for_reports();
  void take_reports(std::vector<WriterReport>& reports, Now now);
  void take(CommitReport& report, Now now);
  void take(StillDown& report, Now now);
  void take(TakenOver& report, Now now);
  void take(LoadedPage& report, Now now);
  void take(LoadedAll& report, Now now);
  void take(Reloaded& report, Now now);
  void take(LookedUp& report, Now now);
  void opened_now();

  // loop_shared.cpp
  void take(SharedOut& report, Now now);
  void take(TendFailed& report, Now now);
  void take(LoadedShard& report, Now now);
  void take(GivenUp& report, Now now);
  void take(Left& report, Now now);
  void reconcile(const Share& share, Now now);
  void give_away(const Share& share, Now now);
  void join_anew();
  void forget_shards();
  void tend_shards(Now now);
  void publish();
  bool has_left();

  const LoopOptions options_;
  const bool shared_;
  Clock& clock_;
  const PlanCatalog& catalog_;
  const std::vector<EffectAdapter*> adapters_;
  Observer& observer_;
  Lease& lease_;
  Inbox& inbox_;
  Standing& standing_;
  WriterQueue& writer_;
  PrepareQueue& prepares_;

  Shard shard_;
  Callbacks<StartReply> start_calls_;
  Callbacks<CommandReply> command_calls_;
  Waiters waiters_;
  std::uint32_t looked_ = 0;
  bool explained_ = false;  // why no start is taken
  std::vector<WriterReport> reports_;
  std::vector<PrepareJob> for_authors_;  // until the end of the turn
  Pace pace_;
  Elapsed landed_at_{};                // when the last flush was reported
  std::optional<Elapsed> wait_until_;  // rows are ready, and wait until then for others
  Elapsed purge_at_{};
  std::vector<Attempt> held_;  // until the lease is renewed
  bool recheck_waits_ = false;
  bool opened_ = false;
  Recovered found_;
  WallTime found_until_{};

  // Of a shared store.
  std::set<ShardId> giving_up_;  // dropped here; the store does not know yet
  Millis term_{5'000};           // of the lease
  Elapsed tend_at_{}, tended_at_{};
  bool tending_ = false, shared_out_ = false, leaving_ = false, left_asked_ = false, left_ = false;
  std::uint32_t tends_failed_ = 0, engines_ = 1;
};

}  // namespace amends::engine
