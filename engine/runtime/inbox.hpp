// Where other threads leave what the loop will take: one lock for a whole batch, a wake-up only when the loop
// sleeps.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/ports/shared_store.hpp"
#include "engine/runtime/messages.hpp"

namespace amends::engine {

// ---- calls with the one who wants to hear of them ----

struct PostedStart {
  StartCall call;
  std::function<void(const StartReply&)> answer;
};

struct PostedCommand {
  CommandCall call;
  std::function<void(const CommandReply&)> answer;
};

enum class WaitOutcome : std::uint8_t {
  rested,  // it ended, or rests with an operator
  time_up,
  not_live,  // over already, or never there
  stopping,
  elsewhere,  // its shard is another engine's
};

struct PostedWait {
  SagaId saga;
  Elapsed until{};
  std::function<void(WaitOutcome)> answer;
};

// ---- what the writer thread reports ----

struct CommitReport {
  CommitResult result;
  Micros took{};
};
// The store cannot be taken over: at the first try, and whenever it says something else.
struct StillDown {
  std::string sentence;
};
struct TakenOver {
  Writer writer;
  std::vector<SagaId> present;  // of the starts in doubt, those that the store has
  bool in_doubt = false;        // answers a commit in doubt, not a broken load
};
// Of a shared store: what is ours now, and a writer that others took for dead.
struct SharedOut {
  Share share;
};
struct TendFailed {
  bool fenced = false;
};
struct LoadedShard {
  ShardId shard = 0;
};
struct GivenUp {
  std::vector<ShardId> shards;
};
struct Left {};
struct LoadedPage {
  std::vector<SavedSaga> sagas;
};
struct LoadedAll {};
// Of those asked for, the ones that are not over.
struct Reloaded {
  std::vector<SagaId> asked;
  std::vector<SavedSaga> found;
};
// All that comes due until the end of the look has been reported.
struct LookedUp {};
using WriterReport = std::variant<CommitReport, StillDown, TakenOver, LoadedPage, LoadedAll, Reloaded,
                                  LookedUp, SharedOut, TendFailed, LoadedShard, GivenUp, Left>;

struct InboxItems {
  std::vector<PostedStart> starts;
  std::vector<PrepareResult> prepared;
  std::vector<Answered> replies;
  std::vector<PostedCommand> commands;
  std::vector<PostedWait> waits;
  std::vector<WriterReport> reports;

  bool empty() const {
    return starts.empty() && prepared.empty() && replies.empty() && commands.empty() && waits.empty() &&
           reports.empty();
  }
  void clear() {
    starts.clear();
    prepared.clear();
    replies.clear();
    commands.clear();
    waits.clear();
    reports.clear();
  }
};

// put() from any thread, take() and close() from the loop's.
class Inbox {
 public:
  // Moves `what` in. False, and `what` is as it was, once the inbox is closed.
  template <typename T>
  bool put(std::vector<T> InboxItems::*where, std::vector<T>& what) {
    if (what.empty()) return true;
    return change([&](InboxItems& items) {
      auto& to = items.*where;
      if (to.empty())
        to = std::move(what);
      else
        to.insert(to.end(), std::make_move_iterator(what.begin()), std::make_move_iterator(what.end()));
    });
  }
  template <typename T>
  bool put(std::vector<T> InboxItems::*where, T& what) {
    return change([&](InboxItems& items) { (items.*where).push_back(std::move(what)); });
  }
  // The same for the writer's, which the loop also looks for while it works.
  void report(WriterReport& what) {
    reported_.store(put(&InboxItems::reports, what), std::memory_order_release);
  }
  bool reported() const { return reported_.load(std::memory_order_relaxed); }
  // Moves just the reports out.
  void take_reports(std::vector<WriterReport>& into) {
    into.clear();
    std::lock_guard lock(mutex_);
    reported_.store(false, std::memory_order_relaxed);
    std::swap(into, items_.reports);
  }

  // Makes the loop look around though nothing came.
  void nudge() {
    change([this](InboxItems&) { nudged_ = true; });
  }

  // Swaps what is there into `into` (emptied first); waits for something, at most `limit`.
  void take(InboxItems& into, std::optional<Micros> limit) {
    into.clear();
    std::unique_lock lock(mutex_);
    const auto some = [this] { return nudged_ || !items_.empty(); };
    if (!some()) {
      asleep_ = true;
      if (limit)
        wake_.wait_for(lock, *limit, some);
      else
        wake_.wait(lock, some);
      asleep_ = false;
    }
    nudged_ = false;
    reported_.store(false, std::memory_order_relaxed);
    std::swap(into, items_);
  }

  // The same at once, whatever there is.
  void take_now(InboxItems& into) {
    into.clear();
    std::lock_guard lock(mutex_);
    nudged_ = false;
    reported_.store(false, std::memory_order_relaxed);
    std::swap(into, items_);
  }

  bool is_empty() {
    std::lock_guard lock(mutex_);
    return !nudged_ && items_.empty();
  }

  // Nothing comes in any more; returns the last that did.
  InboxItems close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    return std::exchange(items_, {});
  }

 private:
  template <typename Change>
  bool change(Change&& apply) {
    bool wake;
    {
      std::lock_guard lock(mutex_);
      if (closed_) return false;
      apply(items_);
      wake = asleep_;
    }
    if (wake) wake_.notify_one();
    return true;
  }

  std::atomic<bool> reported_{false};

  std::mutex mutex_;
  std::condition_variable wake_;
  InboxItems items_;
  bool asleep_ = false, nudged_ = false, closed_ = false;
};

}  // namespace amends::engine
