// A store's rows as JSON for people and programs: whatever stands in the store, the view is a view. First the
// number of journal rows, one a line; then the plan's graph.
#include "engine/service/view.hpp"

#include "engine/service/preview.hpp"
#include "tests/fuzz/bytes.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using namespace engine;

void hold_json(const Json& view) {
  AMENDS_HOLDS(find_unstorable(view, 90).empty(), "a view is JSON that every reader takes");
}

bool is_large(std::string_view row) {
  const DecodedRow decoded = decode_row(row);
  for (const Entry& entry : decoded.entries)
    if (const auto* started = std::get_if<StartedEntry>(&entry);
        started != nullptr && started->step_count > 64)
      return true;
  return false;
}

}  // namespace

AMENDS_FUZZ_TARGET(saga_view) {
  Bytes bytes(input);
  StoredSaga stored;
  stored.row.id = SagaId::make(from_micros(1'700'000'000'000'000), 7, 1);
  stored.row.plan_id = "order@1";
  stored.row.workflow = "order";
  stored.row.state = "running";
  const auto rows = static_cast<std::uint32_t>(bytes.pick(16));
  for (std::uint32_t seq = 1; seq <= rows; ++seq) {
    const std::string row(bytes.line());
    if (is_large(row)) return;
    stored.journal.push_back({stored.row.id, seq, from_micros(seq), row, 1, seq});
  }
  stored.graph = Json::parse(bytes.rest(), nullptr, false);
  hold_json(saga_view(stored));
  hold_json(journal_view(stored.journal, stored.graph));
  preview(stored);
}

}  // namespace amends::fuzz
