// The engine's heart without its threads: sagas that are alive, what they decide, what they are about to
// write.
//
// Passive: it moves only when its driver feeds it, and time comes in with each input. The same inputs in the
// same order give the same outputs, which is what the simulation lives by. One thread.
#pragma once
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/ports/clock.hpp"
#include "engine/ports/observer.hpp"
#include "engine/runtime/flush.hpp"
#include "engine/runtime/lag.hpp"
#include "engine/runtime/live.hpp"
#include "engine/runtime/messages.hpp"
#include "engine/runtime/shard_tenures.hpp"
#include "engine/runtime/timers.hpp"

namespace amends::engine {

struct ShardOptions {
  ShardId shard = 0;        // of a store that is not shared
  bool shared = false;      // then shards come by gained()
  Millis leave_max{5'000};  // how long attempts in flight keep a shard that is to be given away
  std::size_t sagas_per_flush_max = 512;
  std::size_t live_max = 200'000;            // in memory; beyond it starts are answered unavailable
  std::size_t sought_max = 10'000;           // being read back for those who ask; beyond it they are refused
  Millis cold_after{60'000};                 // who waits longer leaves memory, and is back half of it before
  Micros hold_max{10'000};                   // how long a row waits for an author's function
  Millis quiet_wait_max{5'000};              // a longer wait shows in the saga row
  Millis retry_first{50}, retry_max{2'000};  // after the store refused a flush for want of room
  Millis keys_retention{7LL * 24 * 3600 * 1000};
};

// What a start of the engine found in its store.
struct Recovered {
  std::uint64_t sagas = 0;      // not over
  std::uint64_t in_doubt = 0;   // of those: an attempt was out, and nobody heard its answer
  std::uint64_t parked = 0;     // of those: need an operator
  std::uint64_t set_aside = 0;  // of those: their plan is not loaded, or their journal cannot be read
};

// A saga that nothing happens to until its store, its plugin or a person has been mended.
struct Aside {
  std::string why;  // "definition_missing", "journal_unreadable", "store_refuses_data"
  Saga saga = {};   // definition_missing
  std::string workflow = {};
};

class Shard {
 public:
  // Recovering until recovered() is called. One that shares its store owns no shard before gained().
  Shard(ShardOptions options, std::vector<PlanPtr> plans, Entropy& entropy, Observer& observer);

  // ---- what happens ----
  void start(StartCall call, Now now);
  void prepared(PrepareResult result, Now now);
  void replied(Answered answer, Now now);
  void command(CommandCall call, Now now);
  void wake(Now now);  // delivers the timers that are due

  Outputs take_outputs();
  // Of the outputs, for a driver that can answer some of them at once.
  std::vector<PrepareJob>& asked() { return outputs_.prepares; }

  // ---- sagas that sleep in the store (shard_sleep.cpp) ----
  // Of a shard that is read back: what waits until then at the latest.
  WallTime horizon(Now now);
  // What comes due next, when it is time to read it back: whatever waits from `from` until `until`. Its pages
  // come by recover(), then looked().
  struct Look {
    std::vector<ShardId> shards;
    WallTime from{}, until{};
  };
  std::optional<Look> take_look(Now now);
  void looked() { looking_ = false; }
  // Somebody waits for a saga that is not in memory: reloaded() says what it is. False: too many do.
  bool seek(const SagaId& saga);

  // ---- shards that come and go, in a shared store ----
  // Their sagas come by recover(), in pages, while the others go on; then loaded().
  void gained(const std::vector<ShardId>& shards);
  void loaded(ShardId shard, Now now);
  // Begins nothing there any more: no start, command, request or attempt. Replies still count.
  void leave(const std::vector<ShardId>& shards, Now now);
  // Those that are leaving and have nothing more to wait for. Drop them, then give them up.
  std::vector<ShardId> drained(Now now) const;
  void drop(const std::vector<ShardId>& shards);
  // The store says that we have been declared dead; a flush in flight says so itself.
  void fence();
  const Tenures& tenures() const { return tenures_; }

  // ---- flushes: one in flight at a time ----
  // Nothing while there is nothing to write, or a flush is in flight, or the store needs a rest. Stays valid,
  // and is not touched, until committed(). Takes the rows of at most so many sagas.
  const Batch* take_batch(Now now, std::size_t sagas_max = std::numeric_limits<std::size_t>::max());
  // What became of the flush; with it the next one may be taken. What a committed one lets go stays until
  // let_go(), so that the store need not wait for that.
  void acknowledge(const CommitResult& result, Now now);
  void let_go(Now now);
  void committed(const CommitResult& result, Now now) {
    acknowledge(result, now);
    let_go(now);
  }

  // ---- a commit in doubt, and coming back ----
  // The keyed starts of the flush in doubt; the driver says to resolved() which of them the store has.
  std::vector<SagaId> doubtful_starts() const;
  // The store cannot be asked yet: whoever waits for the flush in doubt is told so.
  void doubt_persists(const std::string& why = {});
  void resolved(const Writer& writer, const std::vector<SagaId>& present, Now now);
  // At the first opening, and after having been fenced: no flush can be in doubt.
  void adopt(const Writer& writer);
  void recover(std::vector<SavedSaga> page, Now now);
  void recovered();
  void reloaded(SavedSaga saved, Now now);  // answers Outputs::reloads; no journal: over, or never there

  // ---- looking in ----
  enum class Phase : std::uint8_t { recovering, working, in_doubt, fenced };
  Phase phase() const { return phase_; }
  // What the next flush could take, for the driver that decides when: only what was decided by sagas counts.
  struct Writing {
    std::size_t ready = 0;   // sagas with a row to write
    std::size_t held = 0;    // sagas whose row waits for an author's function
    std::size_t asking = 0;  // attempts of the last flush that landed, still without an answer
    bool urgent = false;     // something else is to be written, or tried again
  };
  Writing writing(Now now) const;
  bool flushing() const { return flight_.has_value(); }
  // How long after their flush had landed sagas had their next row ready; those since the last call.
  struct Rounds {
    Micros sum{};
    std::size_t count = 0;
  };
  Rounds take_rounds() { return std::exchange(rounds_, {}); }
  std::size_t flight_rows() const { return flight_ ? flight_->batch.journal.size() : 0; }
  std::size_t live() const { return live_.size(); }
  // It is in memory, or on its way there.
  bool is_live(const SagaId& id) const {
    return live_.contains(id) || aside_.contains(id) || reloading_.contains(id) || sought_.contains(id);
  }
  std::size_t timers() const { return timers_.size(); }
  // The state in which the saga rests durably, while it is still in memory.
  std::optional<SagaState> find_rest(const SagaId& id) const;
  const Saga* find_saga(const SagaId& id) const;
  const Plan* find_plan(const SagaId& id) const;  // of a live saga
  // What a start would hear now; empty when it would be taken.
  std::string why_no_starts() const;
  // Every flush is refused until the store has been found well again: "disk_full", "io", ...; else empty.
  const std::string& resting_class() const { return resting_class_; }
  // Since the last drop of everything.
  const Recovered& found() const { return found_; }
  // When something happens by itself next, as a time to wait from `now`; `rows` says whether rows that are
  // ready count, or the driver lets them wait.
  std::optional<Micros> next_due(Now now, bool rows = true) const;
  bool has_work() const {
    return flight_ || !retry_.empty() || !listed_.empty() || !aside_rows_.empty() || !owed_.empty() ||
           !invalid_.empty();
  }

 private:
  // shard.cpp
  Live* find(const SagaId& id);
  void obey(CommandCall call, Now now);
  void decide(Live& live, decltype(Event::what) what, Now now, const Caller& caller = {});
  void absorb(Live& live, Decision decision, Now now, const Caller& caller);
  void journal(Live& live, const Entries& entries, Now now);
  void ask(Live& live, LegRef leg, Now now);
  Attempt attempt_of(const Live& live, LegRef leg) const;
  void note_wait(Live& live, Now now);
  void list(Live& live);
  void note_round(Live& live, Now now);
  std::optional<StartReply> refusal(const StartCall& call) const;
  std::optional<CommandReply> refusal(const CommandCall& call) const;
  std::string coming_back() const;
  ShardId draw_shard(std::optional<std::uint64_t> draw);
  bool may_decide(ShardId shard, const Posted& posted) const;
  static Caller caller_of(const CommandCall& call) {
    return {call.token, call.posted ? std::optional(call.posted->command) : std::nullopt};
  }

  // shard_flush.cpp, shard_landed.cpp
  bool ready(const Live& live, Now now) const {
    return live.preparing == 0 || now.elapsed >= live.hold_until;
  }
  void put(Live& live, Now now, Flush& into);
  void landed(Flush flush, const CommitResult& result);
  void drop_taken(Flush& flush, const std::vector<KeyTaken>& taken);
  void refused_for_room(Flush flush, const CommitResult& result, Now now);
  void answer_waiting();
  void tell_parked(const Live& live);
  void refused_for_data(Flush flush, const CommitResult& result);
  void isolate(FlushItem item, const CommitResult& result);
  void release(FlushItem item, Now now);
  void answer_start(Token token, StartStatus status, const SagaId& saga, std::string sentence);
  void forget(const SagaId& id);

  // shard_sleep.cpp
  bool is_cold(const Live& live, Now now) const;
  void let_sleep(Now now);
  void drop_timers(std::size_t count);
  void send_away(const std::function<bool(const SagaId&)>& whose);

  // shard_tenure.cpp
  void fail_callers_of(const std::function<bool(const SagaId&)>& whose, std::string_view sentence);
  void fail_flush(Flush& flush, std::string_view sentence);
  static CommandDone done_of(const CommandReply& reply);
  void settle(CommandReply reply);
  void put_owed(Flush& into);
  Flush without_strangers(Flush flush);

  // shard_recovery.cpp
  void fail_callers(std::string_view sentence);
  void fail_command(CommandReply reply, std::string_view sentence);
  void drop_everything();
  void adopt_row(SavedSaga saved, Now now);

  // shard_aside.cpp
  void set_aside(Saga saga, const SagaRow& stored, std::string_view why);
  void command_aside(CommandCall call, Now now);
  void abandon_aside(CommandCall call, Now now);
  void park(Live& live, Now now);

  const ShardOptions options_;
  std::map<std::string, PlanPtr> plans_;  // by Plan::id
  Entropy& entropy_;
  Observer& observer_;
  Lifecycle lifecycle_;

  Phase phase_ = Phase::recovering;
  std::uint64_t epoch_ = 0, commit_seq_ = 0;
  std::unordered_map<SagaId, std::unique_ptr<Live>, SagaIdHash> live_;  // never iterated
  std::size_t live_told_ = 0;                                           // of those, in the metrics
  std::vector<Live*> listed_;  // have something to write, oldest first
  Timers timers_;
  Outputs outputs_;
  Tenures tenures_;

  std::map<SagaId, Aside> aside_;                      // alive, but not decided
  std::vector<SagaRow> aside_rows_;                    // to be written
  std::vector<CommandDone> invalid_;                   // what came through the store and will never work
  std::vector<CommandReply> owed_;                     // to commands through the store, decided without a row
  std::set<SagaId> reloading_;                         // the store refused their data
  std::map<SagaId, std::vector<CommandCall>> sought_;  // being read back, and what is to be obeyed then
  std::vector<SagaId> quiet_;                          // have nothing more to write, and may leave memory
  WallTime horizon_{};             // all of ours that wait until then are in memory, or being read back
  bool looking_ = false;           // a look is under way
  std::vector<Answered> expired_;  // attempts that were out of date before they left

  std::optional<Flush> flight_, landed_, doubt_;
  std::deque<Flush> retry_;  // refused once; go before anything newer
  std::string resting_class_, resting_sentence_;
  std::string down_sentence_;  // why the store could not be taken over; empty when it could
  Elapsed rest_until_{};
  Elapsed refused_until_{};  // when the store was last asked again after a refusal
  Recovered found_;
  std::uint64_t lives_ = 0;  // sagas that were in memory
  std::uint64_t landings_ = 0;
  std::size_t asking_ = 0;
  Lag lag_;
  Rounds rounds_;
  std::uint32_t rests_ = 0;
};

}  // namespace amends::engine
