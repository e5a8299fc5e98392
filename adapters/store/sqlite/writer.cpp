#include "adapters/store/sqlite/writer.hpp"

#include "adapters/store/sqlite/rows.hpp"
#include "adapters/store/sqlite/schema.hpp"
#include "adapters/store/sqlite/settle_log.hpp"
#include "adapters/store/sqlite/sql.hpp"
#include "engine/base/failpoint.hpp"

namespace amends::sqlite {
namespace {

// The log must be durable before a connection replays it.
const std::string& settled(const std::string& path, const std::string& vfs) {
  settle_log(path, vfs);
  return path;
}

// The columns must exist before the statements that name them can be prepared.
Connection& migrated(Connection& connection) {
  migrate(connection);
  return connection;
}

}  // namespace

WriterConnection::WriterConnection(const std::string& path, const std::string& vfs)
    : connection_(settled(path, vfs), Connection::Access::write, vfs),
      begin_(migrated(connection_), sql("begin")),
      commit_(connection_, sql("commit")),
      rollback_(connection_, sql("rollback")),
      claim_commit_seq_(connection_, sql("claim_commit_seq")),
      raise_epoch_(connection_, sql("raise_epoch")),
      find_epoch_(connection_, sql("find_epoch")),
      claim_start_key_(connection_, sql("claim_start_key")),
      find_claimed_key_(connection_, sql("find_claimed_key")),
      insert_saga_(connection_, sql("insert_saga")),
      update_saga_(connection_, sql("update_saga")),
      insert_journal_(connection_, sql("insert_journal")),
      insert_tag_(connection_, sql("insert_tag")),
      insert_plan_(connection_, sql("insert_plan")),
      find_plan_shape_(connection_, sql("find_plan_shape")),
      load_live_(connection_, sql("load_live")),
      load_due_(connection_, sql("load_due")),
      load_saga_(connection_, sql("load_saga")),
      load_journal_(connection_, sql("load_journal")),
      keep_key_(connection_, sql("keep_key")),
      forget_keys_(connection_, sql("forget_keys")),
      retire_saga_(connection_, sql("retire_saga")),
      retire_journal_(connection_, sql("retire_journal")),
      retire_tags_(connection_, sql("retire_tags")) {}

engine::Writer WriterConnection::raise_epoch(std::string_view engine_id, engine::WallTime now) {
  engine::Writer writer;
  try {
    begin_.execute();
    auto row = raise_epoch_.run(engine_id, now);
    while (row.next()) {
      writer.epoch = static_cast<std::uint64_t>(row.integer(0));
      writer.commit_seq = static_cast<std::uint64_t>(row.integer(1));
    }
  } catch (const SqliteError&) {
    roll_back();
    throw;
  }
  commit();
  return writer;
}

engine::CommitResult WriterConnection::flush(const engine::Batch& batch, std::uint64_t epoch,
                                             std::uint64_t commit_seq) {
  engine::CommitResult result;
  try {
    AMENDS_FAILPOINT_HERE("before_begin");
    begin_.execute();
    AMENDS_FAILPOINT_HERE("after_begin");
    if (!write(batch, epoch, commit_seq, result.taken)) {
      roll_back();
      return {.status = engine::CommitStatus::fenced,
              .taken = {},
              .error_class = "fenced",
              .error = "another writer has taken the store over"};
    }
  } catch (const SqliteError& error) {
    roll_back();
    return {.status = engine::CommitStatus::refused,
            .taken = {},
            .error_class = error_class_of(error),
            .error = sentence("the flush was not written", error)};
  }
  AMENDS_FAILPOINT_HERE("before_commit_sent");
  commit();
  AMENDS_FAILPOINT_HERE("after_commit_ack");
  result.status = engine::CommitStatus::committed;
  return result;
}

bool WriterConnection::write(const engine::Batch& batch, std::uint64_t epoch, std::uint64_t commit_seq,
                             std::vector<engine::KeyTaken>& taken) {
  claim_commit_seq_.execute(epoch, commit_seq);
  if (connection_.changes() != 1) return false;
  AMENDS_FAILPOINT_HERE("after_cas");

  SagaIds left_out;
  for (std::size_t i = 0; i < batch.starts.size(); ++i) {
    if (claim_key(batch.starts[i], i, taken)) {
      insert_start(batch.starts[i]);
    } else {
      left_out.insert(batch.starts[i].row.id);
    }
  }
  // Almost every flush leaves nothing out, and then no id is hashed.
  const auto is_left_out = [&](const engine::SagaId& id) {
    return !left_out.empty() && left_out.contains(id);
  };
  for (const auto& row : batch.updates) {
    if (!is_left_out(row.id)) update_saga(row);
  }
  AMENDS_FAILPOINT_HERE("after_state_rows");
  for (const auto& row : batch.journal) {
    if (!is_left_out(row.saga)) insert_journal(row, epoch, commit_seq);
  }
  AMENDS_FAILPOINT_HERE("after_journal_rows");
  return true;
}

bool WriterConnection::claim_key(const engine::NewSaga& start, std::size_t index,
                                 std::vector<engine::KeyTaken>& taken) {
  if (!start.key) return true;
  const engine::StartKey& key = *start.key;
  claim_start_key_.execute(key.workflow, key.key, key.body_hash, start.row.id, key.until);
  if (connection_.changes() == 1) return true;

  auto holder = find_claimed_key_.run(key.workflow, key.key);
  if (!holder.next()) throw SqliteError{SQLITE_CORRUPT, "a start key was refused and is not there"};
  taken.push_back({.start = index, .saga = holder.id(0), .body_hash = holder.text(1)});
  return false;
}

void WriterConnection::insert_start(const engine::NewSaga& start) {
  const engine::SagaRow& row = start.row;
  if (row.id.shard() != 0) {
    throw SqliteError{SQLITE_CONSTRAINT, "a saga id of shard " + std::to_string(row.id.shard()) +
                                             "; this store has shard 0 only"};
  }
  insert_saga_.execute(row.id, row.plan_id, row.workflow, row.key, row.state, row.step, row.error_class,
                       row.seq, row.active, row.wake_at, row.created_at, row.updated_at);
  for (const auto& tag : start.tags) insert_tag_.execute(row.id, tag.name, tag.value);
}

void WriterConnection::update_saga(const engine::SagaRow& row) {
  update_saga_.execute(row.id, row.state, row.step, row.error_class, row.seq, row.active, row.wake_at,
                       row.updated_at);
  if (connection_.changes() != 1) {
    throw SqliteError{SQLITE_CONSTRAINT,
                      "an update of saga " + row.id.text() + ", which is not in the store"};
  }
}

void WriterConnection::insert_journal(const engine::JournalRow& row, std::uint64_t epoch,
                                      std::uint64_t commit_seq) {
  insert_journal_.execute(row.saga, row.seq, row.at, epoch, commit_seq, row.body);
}

void WriterConnection::commit() {
  try {
    commit_.execute();
  } catch (const SqliteError& error) {
    // Whatever the code says: frames that reached the file before the error can be replayed when it is opened
    // again.
    throw CommitInDoubt{error};
  }
}

void WriterConnection::roll_back() {
  // SQLite has rolled back by itself after a full disk or an I/O error; a second ROLLBACK would be an error.
  if (!connection_.in_transaction()) return;
  try {
    rollback_.execute();
  } catch (const SqliteError& error) {
    throw CommitInDoubt{error};
  }
}

}  // namespace amends::sqlite
