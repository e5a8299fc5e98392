// Journal rows from a store that somebody may have written to: a row is ours to the letter, or it is refused.
#include <algorithm>

#include "engine/journal/decode_plain.hpp"
#include "engine/journal/saga.hpp"
#include "tests/fuzz/bytes.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using namespace engine;

void hold_row(std::string_view text, const DecodedRow& row, const std::string& written) {
  if (const auto plain = decode_plain(text)) {
    const DecodedRow other = decode_by_document(text);
    AMENDS_HOLDS(other.error.empty() && other.entries == *plain,
                 "the short way reads what the long one does");
  }
  if (!row.error.empty()) {
    AMENDS_HOLDS(row.entries.empty(), "nothing of a bad row is used");
    AMENDS_HOLDS(is_sentence(row.error, 300), "why it is bad is said in a short printable sentence");
    return;
  }
  const DecodedRow again = decode_row(written);
  AMENDS_HOLDS(again.error.empty(), "a row that was read and written is read again");
  AMENDS_HOLDS(again.entries == row.entries, "and as the same entries");
  AMENDS_HOLDS(encode_row(again.entries) == written, "and is written byte for byte");
}

constexpr std::uint32_t steps_here = 64, rows_here = 16;

bool is_large(const DecodedRow& row) {
  return std::any_of(row.entries.begin(), row.entries.end(), [](const Entry& entry) {
    const auto* started = std::get_if<StartedEntry>(&entry);
    return started != nullptr && started->step_count > steps_here && started->step_count <= steps_max;
  });
}

void hold_saga(const Saga& saga) {
  AMENDS_HOLDS(saga.steps.size() <= steps_max, "the bound on steps holds");
  std::uint32_t unfinished = 0;
  for (const StepProgress& step : saga.steps)
    unfinished += step.state != StepState::succeeded && step.state != StepState::skipped ? 1 : 0;
  AMENDS_HOLDS(unfinished == saga.unfinished, "the count of unfinished steps is what it counts");
}

}  // namespace

// One row a line. Sagas of more steps than `steps_here` are left out: they cost more than they show.
AMENDS_FUZZ_TARGET(journal_row) {
  Bytes bytes(input);
  FoldedSaga whole, again;
  for (std::uint32_t seq = 1; !bytes.over() && seq <= rows_here; ++seq) {
    const std::string_view text = bytes.line();
    const DecodedRow row = decode_row(text);
    if (is_large(row)) return;
    const std::string written = row.error.empty() ? encode_row(row.entries) : std::string(text);
    hold_row(text, row, written);
    fold_row(whole, seq, from_micros(seq), text);
    fold_row(again, seq, from_micros(seq), written);
    AMENDS_HOLDS(row.error.empty() || !whole.error.empty(), "a saga with a bad row is not used");
  }
  if (whole.error.empty()) {
    hold_saga(whole.saga);
    AMENDS_HOLDS(difference(whole.saga, again.saga).empty(),
                 "rows that were read and written fold to the same saga");
  }
  AMENDS_HOLDS(is_sentence(whole.error, 400), "why a saga cannot be read is said in a printable sentence");
}

}  // namespace amends::fuzz
