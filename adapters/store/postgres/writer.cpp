#include "adapters/store/postgres/writer.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "adapters/store/postgres/flush_rows.hpp"
#include "adapters/store/postgres/rows.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "adapters/store/postgres/start_key.hpp"
#include "engine/base/failpoint.hpp"

namespace amends::postgres {
namespace {

using engine::CommitStatus;

// No writer ever had it: epochs ascend from 0.
constexpr std::uint64_t no_epoch = 0xffffffff;

engine::CommitResult failed(CommitStatus status, std::string error_class, std::string error) {
  return {.status = status, .taken = {}, .error_class = std::move(error_class), .error = std::move(error)};
}

// Which of the keys the statement left to another saga, by the id of the start that asked.
std::unordered_set<std::string> read_lost(const pqxx::field& ids) {
  std::unordered_set<std::string> out;
  if (ids.is_null()) return out;
  std::string_view rest(ids.c_str(), ids.size());
  while (!rest.empty()) {
    const auto end = std::min(rest.find(','), rest.size());
    out.emplace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

struct Holder {
  engine::SagaId saga;
  std::string body_hash;
};

// Who has the keys that these starts asked for.
std::vector<std::optional<Holder>> read_holders(Connection& connection,
                                                const std::vector<const engine::StartKey*>& keys,
                                                engine::ShardId shards) {
  Params params;
  params.array(Type::smallint, keys,
               [&](Array& to, const auto* key) { to.small(key_shard(key->workflow, key->key, shards)); });
  params.array(Type::text, keys, [](Array& to, const auto* key) { to.text(key->workflow); });
  params.array(Type::text, keys, [](Array& to, const auto* key) { to.text(key->key); });
  std::vector<std::optional<Holder>> out(keys.size());
  for (const auto& row : connection.run("find_claimed_keys", params)) {
    out.at(read_number(row[0]) - 1) = Holder{read_id(row[1]), read_text(row[2])};
  }
  return out;
}

// By start's index: the holder, where it is another saga.
std::vector<engine::KeyTaken> find_taken(Connection& connection, const engine::Batch& batch,
                                         const FlushRows& rows, const pqxx::field& lost_ids,
                                         engine::ShardId shards) {
  const auto lost = read_lost(lost_ids);
  std::vector<std::size_t> asked;
  std::vector<const engine::StartKey*> keys;
  for (const auto& key : rows.keys()) {
    if (key.behind || !lost.contains(batch.starts[key.start].row.id.text())) continue;
    asked.push_back(key.start);
    keys.push_back(&*batch.starts[key.start].key);
  }
  std::unordered_map<std::size_t, Holder> holder_of;
  if (!keys.empty()) {
    const auto holders = read_holders(connection, keys, shards);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      // Only the writer forgets keys. If it is gone, the writer is another one by now, and taking over tells.
      if (!holders[i]) throw PostgresError{"", "a start key was refused and is not there"};
      holder_of.emplace(asked[i], *holders[i]);
    }
  }
  std::vector<engine::KeyTaken> out;
  for (const auto& key : rows.keys()) {
    const std::size_t asker = key.behind.value_or(key.start);
    const auto holder = holder_of.find(asker);
    if (holder != holder_of.end()) {
      out.push_back({key.start, holder->second.saga, holder->second.body_hash});
    } else if (key.behind) {
      out.push_back({key.start, batch.starts[asker].row.id, batch.starts[asker].key->body_hash});
    }
  }
  return out;
}

}  // namespace

WriterConnection::WriterConnection(const Address& address, Watchdog& dog, engine::Millis statement_limit,
                                   engine::Millis lease)
    : connection_(address, dog), lease_(lease) {
  // A transaction that nobody ends would outlive the lease.
  const auto idle_limit = lease * 4 / 5;
  connection_.run(
      "writer_session",
      Params().text(std::to_string(statement_limit.count())).text(std::to_string(idle_limit.count())));
  schema_ = check_schema(connection_).ready;
  run_flush(all_flush_parts, FlushRows({}, 1).params(all_flush_parts, 0, no_epoch, 0));
  read_holders(connection_, {}, 1);  // what a flush may ask afterwards
}

pqxx::result WriterConnection::run_flush(FlushParts parts, const Params& params) {
  const std::string name = flush_name(parts);
  if (!connection_.is_prepared(name)) connection_.prepare(name, flush_statement(parts));
  return connection_.run(name, params);
}

engine::CommitResult WriterConnection::flush(const engine::Batch& batch, std::uint64_t epoch,
                                             std::uint64_t commit_seq) {
  AMENDS_FAILPOINT_HERE("before_begin");
  const FlushRows rows(batch, shards_);
  if (auto fault = rows.find_fault(); !fault.empty()) {
    return failed(CommitStatus::refused, "data", "the flush was not written: " + fault);
  }
  AMENDS_FAILPOINT_HERE("before_commit_sent");
  pqxx::result answer;
  try {
    answer = run_flush(rows.parts(), rows.params(rows.parts(), writer_id_, epoch, commit_seq));
  } catch (const PostgresError& error) {
    if (!is_refusal(error)) throw;
    return failed(CommitStatus::refused, error_class_of(error), sentence("the flush was not written", error));
  }
  AMENDS_FAILPOINT_HERE("after_commit_ack");
  if (read_number(answer[0]["held"]) != 1) {
    return failed(CommitStatus::fenced, "fenced", "another writer has taken the store over");
  }
  engine::CommitResult result;
  result.status = CommitStatus::committed;
  try {
    if (!rows.keys().empty()) result.taken = find_taken(connection_, batch, rows, answer[0]["lost"], shards_);
  } catch (PostgresError& error) {
    // The flush is durable, and its answer is lost: in doubt, whatever the reading of the holders met.
    error.sqlstate.clear();
    throw;
  }
  return result;
}

}  // namespace amends::postgres
