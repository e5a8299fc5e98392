// What the engine offers to those who use it: REST, and programs that embed it. Any thread.
//
// What waits for a commit takes a callback. It is called once: from the engine's own thread, where it must
// not block, or before the call returns when there was nothing to wait for. Everything else reads the store,
// so it shows durable state only, of running sagas as of ended ones.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/ports/catalog.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/store.hpp"
#include "engine/runtime/rollback.hpp"
#include "engine/runtime/writers.hpp"
#include "engine/service/answer.hpp"
#include "engine/service/elsewhere.hpp"
#include "engine/service/present.hpp"
#include "engine/service/requests.hpp"
#include "engine/service/view.hpp"

namespace amends::engine {

struct Started {
  SagaId saga;         // also beside key_conflict: who has the key
  bool again = false;  // the key was used before, for the same body
};

struct Workflow {
  PlanPtr plan;
  std::string refused;  // why it takes no starts; empty when it does
};

struct ListedPage {
  std::vector<ListedSaga> sagas;
  std::optional<SagaId> more;  // pass as `before` for the next page; nothing on the last
};

inline constexpr std::uint32_t list_max = 500;

class Service {
 public:
  using StartCallback = std::function<void(const Answer<Started>&)>;
  using BatchCallback = std::function<void(const std::vector<Answer<Started>>&)>;
  using CommandCallback = std::function<void(const Answer<Verdict>&)>;
  using WaitCallback = std::function<void(WaitOutcome)>;

  // After Writers::open(). What it refers to must outlive it.
  Service(Writers writers, const PlanCatalog& catalog, StoreReader& store, Clock& clock, Entropy& entropy,
          SharedStore* shared = nullptr);

  // Before the front that its callbacks go to: answers who waits for other engines' sagas.
  void stop();

  // Finished sagas leave the store so long after their end: whoever looks for one is told so. Before the
  // first question.
  void tell_retention(Millis finished) { finished_leave_after_ = finished; }

  void start(const StartRequest& request, StartCallback done);
  // One answer a request, in their order, once all are known.
  void start_batch(const std::vector<StartRequest>& requests, BatchCallback done);

  // Verdict accepted or remembered; everything else is an error.
  void command(const CommandRequest& request, CommandCallback done);

  // Fires when the saga has ended or rests with an operator, or at `until` (by Clock::elapsed). A saga that
  // is over already, or was never there, answers not_live at once: find_saga() tells which.
  void wait(const SagaId& saga, Elapsed until, WaitCallback done);

  Answer<StoredSaga> find_saga(const SagaId& saga);
  Answer<std::vector<JournalRow>> journal(const SagaId& saga, std::uint32_t after_seq,
                                          std::uint32_t count_max);
  // At most list_max, newest first.
  Answer<ListedPage> list(const SagaFilter& filter, std::optional<SagaId> before, std::uint32_t count_max);
  // The newest of those whose ids begin alike; `before` as above.
  Answer<ListedPage> list(const SagaIdRange& range, std::optional<SagaId> before, std::uint32_t count_max);
  Answer<std::vector<StateCount>> counts();
  // sharing_view() of a store that several engines share, alone_view() of any other.
  Answer<Json> sharing();
  Answer<Rollback> rollback(const SagaId& saga);

  std::vector<Workflow> workflows() const;
  Answer<Workflow> workflow(std::string_view name, std::optional<std::uint32_t> version) const;
  // The plan's graph as the store or the catalogue has it; null when neither knows it.
  Json graph(const std::string& plan_id);

  const Writers& writers() const { return writers_; }

 private:
  Answer<StartCall> admit(const StartRequest& request) const;
  Answer<Started> started(const StartReply& reply) const;
  Answer<Verdict> obeyed(const CommandReply& reply) const;
  Answer<ListedPage> listed(SagaPage page);
  Answer<SagaRow> find_row(const SagaId& saga);
  std::string absent(const SagaId& saga) const;
  std::string pin_result(const SagaRow& row, CommandEvent& command, const Json& result);

  Writers writers_;
  const PlanCatalog& catalog_;
  StoreReader& store_;
  Clock& clock_;
  Entropy& entropy_;
  SharedStore* const shared_;             // nullptr when the store is not shared
  std::unique_ptr<Elsewhere> elsewhere_;  // nothing when the store is not shared
  std::optional<Millis> finished_leave_after_;
  std::map<std::string, PlanPtr> plans_;  // by id; immutable
  std::map<std::string, Json> graphs_;    // of those; immutable
};

}  // namespace amends::engine
