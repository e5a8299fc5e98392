#include "adapters/store/sqlite/reader.hpp"
#include "adapters/store/sqlite/rows.hpp"

#include <algorithm>

namespace amends::sqlite {
namespace {

constexpr auto id_slack = std::chrono::hours(1);

engine::SagaId above_all() {
  engine::SagaId id;
  id.bytes.fill(0xff);
  return id;
}

// An id carries the time at which its saga was accepted, so a bound on created_at bounds the id too. The
// slack is for a clock that was set back in between.
engine::SagaId bound(std::optional<engine::WallTime> at, std::chrono::hours slack, engine::SagaId otherwise) {
  if (!at) return otherwise;
  const auto millis = std::max<std::int64_t>(0, engine::to_micros(*at + slack) / 1000);
  engine::SagaId id;
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(millis >> (8 * (5 - i)));
  return id;
}

// Of the port's states, those that end a saga (engine/journal/saga.hpp); any other belongs to an active one.
bool ends_badly(std::string_view state) {
  return state == "compensated" || state == "abandoned";
}

}  // namespace

Statement::Run ReaderConnection::walk(const engine::SagaFilter& filter, const engine::SagaId& below,
                                      const engine::SagaId& from) {
  const auto run = [&](Statement& statement, const auto&... more) {
    return statement.run(below, from, filter.workflow, filter.state, filter.key, filter.created_since,
                         filter.created_before, more...);
  };
  if (!filter.tags.empty()) return run(list_tagged_, filter.tags[0].name, filter.tags[0].value);
  if (ends_badly(filter.state)) return run(list_ended_badly_);
  if (!filter.state.empty() && filter.state != "completed") return run(list_active_);
  return run(list_);
}

bool ReaderConnection::has_other_tags(const engine::SagaId& id, const engine::SagaFilter& filter) {
  if (filter.tags.size() < 2) return true;
  const auto tags = read_tags(id);
  return std::all_of(filter.tags.begin() + 1, filter.tags.end(), [&](const engine::Tag& wanted) {
    return std::find(tags.begin(), tags.end(), wanted) != tags.end();
  });
}

engine::SagaPage ReaderConnection::list(const engine::SagaFilter& filter,
                                        std::optional<engine::SagaId> before, std::uint32_t count_max) {
  engine::SagaPage page;
  const auto from = bound(filter.created_since, -id_slack, engine::SagaId{});
  const auto below =
      std::min(before.value_or(above_all()), bound(filter.created_before, id_slack, above_all()));
  // The open walk holds one read transaction, in which the look at further tags takes part: one snapshot.
  auto row = walk(filter, below, from);
  while (row.next()) {
    auto saga = read_saga_row(row);
    if (!has_other_tags(saga.id, filter)) continue;
    if (page.rows.size() == count_max) {
      if (!page.rows.empty()) page.more = page.rows.back().id;
      break;
    }
    page.rows.push_back(std::move(saga));
  }
  return page;
}

}  // namespace amends::sqlite
