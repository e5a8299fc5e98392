#include "engine/verify/repair.hpp"

#include <utility>

#include "engine/base/rfc3339.hpp"

namespace amends::engine {
namespace {

std::string text(const std::optional<WallTime>& at) {
  return at ? rfc3339(*at) : std::string();
}

}  // namespace

std::vector<Change> changes(const Repair& repair) {
  static const SagaRow nothing = [] {
    SagaRow row;
    row.active = false;
    return row;
  }();
  const SagaRow& from = repair.before ? *repair.before : nothing;
  const SagaRow& to = repair.after;
  std::vector<Change> out;
  const auto add = [&out](const char* column, std::string was, std::string is) {
    if (was != is) out.push_back({column, std::move(was), std::move(is)});
  };
  if (!repair.before) {
    add("plan", "", to.plan_id);
    add("key", "", to.key);
    add("created_at", "", text(to.created_at));
  }
  add("state", from.state, to.state);
  add("active", from.active ? "true" : "false", to.active ? "true" : "false");
  add("seq", std::to_string(from.seq), std::to_string(to.seq));
  add("step", from.step, to.step);
  add("error_class", from.error_class, to.error_class);
  add("wake_at", text(from.wake_at), text(to.wake_at));
  add("updated_at", text(from.updated_at), text(to.updated_at));
  return out;
}

void Repairer::repairable(const Repair& repair) {
  waiting_.push_back(repair);
  then_.repairable(repair);
}

void Repairer::page(const VerifyTotals& totals) {
  if (!waiting_.empty()) write(std::exchange(waiting_, {}));
  then_.page(totals);
}

void Repairer::write(const std::vector<Repair>& repairs) {
  Batch batch;
  for (const Repair& repair : repairs) {
    if (repair.before)
      batch.updates.push_back(repair.after);
    else
      batch.starts.push_back({repair.after, std::nullopt, {}});
  }
  const CommitResult result = store_.commit(batch);
  switch (result.status) {
    case CommitStatus::committed: written_ += repairs.size(); return;
    case CommitStatus::fenced:
      throw StoreUnavailable{"fenced", "an engine has taken the store over; what was repaired before stands"};
    case CommitStatus::unknown:
    case CommitStatus::refused: throw StoreUnavailable{result.error_class, result.error};
  }
}

}  // namespace amends::engine
