#include "adapters/store/postgres/postgres_retention.hpp"

#include "adapters/store/postgres/rows.hpp"
#include "adapters/store/postgres/schema.hpp"

namespace amends::postgres {
namespace {

// A piece takes some tens of milliseconds; one that takes so much longer is to be made smaller.
constexpr std::string_view statement_limit_ms = "2000";

std::uint32_t read_count(const pqxx::result& answer) {
  return static_cast<std::uint32_t>(read_number(answer[0][0]));
}

}  // namespace

pqxx::result PostgresRetention::run(const std::string& name, const Params& params) {
  for (bool is_retry = false;; is_retry = true) {
    const bool was_idle = connection_ != nullptr;
    try {
      if (!was_idle) {
        connection_ = std::make_unique<Connection>(address_, dog_);
        connection_->run("writer_session", Params().text(statement_limit_ms).text(statement_limit_ms));
        connection_->run("retention_session");
        check_schema(*connection_);
      }
      return connection_->run(name, params);
    } catch (const PostgresError& error) {
      if (!is_refusal(error)) connection_.reset();
      // Whatever it was, doing it twice does no harm.
      if (was_idle && !is_retry && is_broken(error)) continue;
      throw engine::StoreUnavailable{error_class_of(error),
                                     sentence("the store " + address_.shown + " cannot be used", error)};
    }
  }
}

engine::EndedPage PostgresRetention::find_ended(engine::ShardId shard, std::optional<engine::SagaId> after,
                                                engine::WallTime ended_before, std::uint32_t looked_max,
                                                bool whole) {
  engine::EndedPage page;
  const auto answer = run("find_ended", Params()
                                            .small(shard)
                                            .id(after.value_or(engine::SagaId{}))
                                            .id(engine::first_id_after(ended_before, shard))
                                            .time(ended_before)
                                            .big(looked_max));
  try {
    if (read_number(answer[0][12]) == looked_max && looked_max > 0) page.more = read_id(answer[0][13]);
    for (const auto& row : answer)
      if (!row[0].is_null()) page.sagas.push_back({read_saga_row(row), {}, {}});
    if (whole && !page.sagas.empty()) load(page.sagas);
  } catch (const PostgresError& error) {
    throw engine::StoreUnavailable{error_class_of(error), sentence("a finished saga cannot be read", error)};
  }
  return page;
}

// Tags first. Another engine may delete a saga between the statements, whole: one whose journal is still
// there had its tags before, too.
void PostgresRetention::load(std::vector<engine::EndedSaga>& sagas) {
  Params of;
  of.array(Type::smallint, sagas, [](Array& to, const auto& one) { to.small(one.row.id.shard()); });
  of.array(Type::uuid, sagas, [](Array& to, const auto& one) { to.id(one.row.id); });
  // All ascend by id.
  auto one = sagas.begin();
  for (const auto& row : run("load_tags", of)) {
    const engine::SagaId id = read_id(row[0]);
    while (one->row.id != id) ++one;
    one->tags.push_back({read_text(row[1]), read_text(row[2])});
  }
  one = sagas.begin();
  for (const auto& row : run("load_journals", of)) {
    engine::JournalRow entry = read_journal_row(row);
    while (one->row.id != entry.saga) ++one;
    one->journal.push_back(std::move(entry));
  }
  std::erase_if(sagas, [](const engine::EndedSaga& saga) { return saga.journal.empty(); });
}

std::uint32_t PostgresRetention::retire(const std::vector<engine::SagaId>& sagas) {
  Params params;
  params.array(Type::uuid, sagas, [](Array& to, const auto& id) { to.id(id); });
  return read_count(run("retire", params));
}

void PostgresRetention::keep_keys(const std::vector<engine::KeptKey>& keys) {
  Params params;
  params.array(Type::text, keys, [](Array& to, const auto& kept) { to.text(kept.workflow); });
  params.array(Type::text, keys, [](Array& to, const auto& kept) { to.text(kept.key); });
  params.array(Type::uuid, keys, [](Array& to, const auto& kept) { to.id(kept.saga); });
  params.array(Type::timestamptz, keys, [](Array& to, const auto& kept) { to.time(kept.until); });
  run("keep_keys", params);
}

std::uint32_t PostgresRetention::forget_keys(engine::WallTime now, engine::WallTime ended_before,
                                             std::uint32_t count_max) {
  return read_count(run("forget_keys", Params().time(now).time(ended_before).big(count_max)));
}

std::uint32_t PostgresRetention::forget_commands(const std::vector<engine::ShardId>& shards,
                                                 engine::WallTime answered_before, std::uint32_t count_max) {
  Params params;
  params.array(Type::smallint, shards, [](Array& to, engine::ShardId shard) { to.small(shard); });
  params.time(answered_before).id(engine::first_id_after(answered_before, 0)).big(count_max);
  return read_count(run("forget_commands", params));
}

}  // namespace amends::postgres
