#include <algorithm>

#include "adapters/store/postgres/reader.hpp"
#include "adapters/store/postgres/rows.hpp"

namespace amends::postgres {
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

// The list statement whose index fits the filter best. Of the port's states, compensated and abandoned end a
// saga badly (engine/journal/saga.hpp); any but these and completed belongs to an active one.
const char* statement_for(const engine::SagaFilter& filter) {
  if (!filter.tags.empty()) return "list_tagged";
  if (filter.state == "compensated" || filter.state == "abandoned") return "list_ended_badly";
  if (!filter.state.empty() && filter.state != "completed") return "list_active";
  return "list";
}

}  // namespace

engine::SagaPage ReaderConnection::list(const engine::SagaFilter& filter,
                                        std::optional<engine::SagaId> before, std::uint32_t count_max) {
  const auto from = bound(filter.created_since, -id_slack, engine::SagaId{});
  const auto below =
      std::min(before.value_or(above_all()), bound(filter.created_before, id_slack, above_all()));
  Params params;
  params.id(below).id(from).text(filter.workflow).text(filter.state).text(filter.key);
  filter.created_since ? params.time(*filter.created_since) : params.forever_ago();
  filter.created_before ? params.time(*filter.created_before) : params.never();
  params.array(Type::text, filter.tags, [](Array& to, const auto& tag) { to.text(tag.name); });
  params.array(Type::text, filter.tags, [](Array& to, const auto& tag) { to.text(tag.value); });
  params.big(std::uint64_t{count_max} + 1);

  engine::SagaPage page;
  for (const auto& row : connection_.run(statement_for(filter), params)) {
    if (page.rows.size() == count_max) {
      if (!page.rows.empty()) page.more = page.rows.back().id;
      break;
    }
    page.rows.push_back(read_saga_row(row));
  }
  return page;
}

}  // namespace amends::postgres
