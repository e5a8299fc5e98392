#include "tests/simulation/engines/posted.hpp"

namespace amends::simulation {

using namespace engine;

bool Posted::look(SharedStore& store, const std::vector<ShardId>& shards) {
  if (shards.empty()) return false;
  constexpr std::uint32_t page = 200;
  const Elapsed read_at = clock_.elapsed();
  std::vector<CommandRow> rows;
  try {
    rows = store.read_commands(shards, after_, page);
  } catch (const StoreUnavailable&) {
    return false;
  }
  const bool more = rows.size() == page;
  after_ = more ? std::optional(rows.back().id) : std::nullopt;
  for (const CommandRow& row : rows)
    if (!in_hand_.contains(row.id)) take_in(row, read_at);
  return more;
}

void Posted::take_in(const CommandRow& row, Elapsed read_at) {
  const amends::engine::Posted posted{row.id, read_at};
  const auto finish = [this, id = row.id](const auto&) { in_hand_.erase(id); };
  if (row.kind != "start") {
    auto call = read_posted_command(row);
    if (!call.ok()) return setting_.broken("a posted command was called malformed: " + call.sentence);
    call.value.posted = posted;
    in_hand_.insert(row.id);
    return entrance_.command(std::move(call.value), finish);
  }
  auto call = read_posted_start(row, catalog_);
  if (call.error == ServiceError::unknown_workflow || call.error == ServiceError::unknown_version) return;
  if (!call.ok()) return setting_.broken("a posted start was called malformed: " + call.sentence);
  call.value.saga = row.saga;
  call.value.posted = posted;
  in_hand_.insert(row.id);
  setting_.coverage.saw(Seen::posted_start);
  entrance_.start(std::move(call.value), finish);
}

}  // namespace amends::simulation
