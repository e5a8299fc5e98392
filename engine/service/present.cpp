#include "engine/service/present.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "engine/journal/saga.hpp"
#include "engine/service/story.hpp"

namespace amends::engine {
namespace {

// Hardly a journal is longer than its head; one whose step is asked for hours is.
constexpr std::uint32_t head_rows = 200, tail_rows = 50;

// The seq of the last row, which is at least `known`.
std::uint32_t find_last(StoreReader& store, const SagaId& saga, std::uint32_t known) {
  const auto goes_beyond = [&](std::uint32_t seq) { return !store.read_journal(saga, seq, 1).empty(); };
  std::uint32_t stride = tail_rows;
  while (goes_beyond(known + stride)) known += stride, stride *= 2;
  while (stride > 1) {
    stride = (stride + 1) / 2;
    if (goes_beyond(known + stride)) known += stride;
  }
  return known + (goes_beyond(known) ? 1 : 0);
}

std::optional<StepIndex> step_of(const Entry& entry) {
  return std::visit(
      [](const auto& e) -> std::optional<StepIndex> {
        if constexpr (requires { e.step; }) return e.step;
        return std::nullopt;
      },
      entry);
}

// What was skipped is missing from the saga; each entry still says what its step is in afterwards.
void fold_tail(Saga& saga, const std::vector<JournalRow>& rows) {
  for (const JournalRow& row : rows)
    for (const Entry& entry : decode_row(row.body).entries)
      if (step_of(entry).value_or(0) < saga.steps.size() && !std::holds_alternative<StartedEntry>(entry))
        fold(saga, entry);
}

std::optional<Saga> read_saga(StoreReader& store, const SagaRow& row) {
  FoldedSaga folded;
  folded.saga.id = row.id;
  const auto head = store.read_journal(row.id, 0, head_rows);
  for (const JournalRow& one : head) fold_row(folded, one.seq, one.at, one.body);
  if (head.empty() || !folded.error.empty()) return std::nullopt;
  if (head.size() < head_rows) return std::move(folded.saga);
  const std::uint32_t last = find_last(store, row.id, std::max(head_rows, row.seq));
  const std::uint32_t after = std::max(head_rows, last > tail_rows ? last - tail_rows : 0);
  fold_tail(folded.saga, store.read_journal(row.id, after, tail_rows));
  return std::move(folded.saga);
}

struct AskedLeg {
  StepIndex step;
  const Leg* leg;
  bool operator<(const AskedLeg& other) const {
    return std::tuple(leg->error_class.empty(), leg->first_sent) <
           std::tuple(other.leg->error_class.empty(), other.leg->first_sent);
  }
};

std::optional<AskedLeg> find_asked(const Saga& saga) {
  std::optional<AskedLeg> out;
  for (StepIndex i = 0; i < saga.steps.size(); ++i)
    for (const Leg* leg : {&saga.steps[i].run, &saga.steps[i].undo})
      if (const AskedLeg one{i, leg}; (leg->in_flight || leg->wake_at) && (!out || one < *out)) out = one;
  return out;
}

}  // namespace

ListedSaga at_present(SagaRow row, StoreReader& store, const Json& graph) {
  ListedSaga out{std::move(row), {}, {}};
  const bool moves =
      out.row.state == name_of(SagaState::running) || out.row.state == name_of(SagaState::compensating);
  const bool set_aside =
      out.row.error_class == "definition_missing" || out.row.error_class == "journal_unreadable";
  if (!moves || set_aside) return out;
  const auto saga = read_saga(store, out.row);
  if (!saga) return out;
  const auto asked = find_asked(*saga);
  const auto step = asked ? std::optional(asked->step) : saga->cause.step;
  const bool is_undo = asked && asked->leg == &saga->steps[asked->step].undo;
  const bool in_trouble = asked && !asked->leg->error_class.empty();
  const std::string undo = is_undo ? undo_name(graph, asked->step) : std::string();
  out.row.step = !undo.empty() ? undo : step ? step_name(graph, *step) : std::string();
  out.row.error_class = in_trouble ? asked->leg->error_class : saga->cause.error_class;
  out.row.wake_at = asked ? asked->leg->wake_at : std::nullopt;
  if (!asked) return out;
  out.asked_since = asked->leg->first_sent;
  if (asked->leg->request) out.endpoint = asked->leg->request->endpoint;
  return out;
}

SagaPage page_within(const SagaIdRange& range, StoreReader& store, std::optional<SagaId> before,
                     std::uint32_t count_max) {
  SagaPage page = store.list({}, std::min(before.value_or(range.below), range.below), count_max);
  if (std::erase_if(page.rows, [&](const SagaRow& row) { return row.id < range.from; }) > 0)
    page.more.reset();
  return page;
}

}  // namespace amends::engine
