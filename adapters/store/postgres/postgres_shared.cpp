// The verbs of a store that several engines share.
#include "adapters/store/postgres/postgres_store.hpp"

namespace amends::postgres {

engine::Opened PostgresStore::join(WriterConnection& writer, std::string_view engine_id) {
  const Identity self{std::string(engine_id), incarnation_, served_at(), options_.version,
                      options_.keys_retention};
  engine::Opened joined = writer.join(self);
  if (!joined.writer) return joined;
  self_ = self;
  // Away for days, its row was given to another engine, and the numbers of that one's flushes tell nothing
  // about a flush of ours that was in doubt: none may look like it.
  const bool is_another = writer_id_ && writer_id_ != writer.writer_id();
  if (is_another && joined.writer->commit_seq == at_.commit_seq + 1) {
    const auto empty = writer.flush({}, joined.writer->epoch, joined.writer->commit_seq + 1);
    if (empty.status != engine::CommitStatus::committed)
      return {std::nullopt, empty.error_class, empty.error};
    ++joined.writer->commit_seq;
  }
  writer_id_ = writer.writer_id();
  return joined;
}

std::string PostgresStore::served_at() {
  std::lock_guard lock(address_mutex_);
  return served_at_;
}

void PostgresStore::introduce(const std::string& address) {
  std::lock_guard lock(address_mutex_);
  served_at_ = address;
}

engine::Share PostgresStore::tend(engine::WallTime) {
  engine::Share share = with_writer([&](WriterConnection& writer) {
    if (std::string address = served_at(); address != self_.address) {
      Identity self = self_;
      self.address = std::move(address);
      writer.introduce(self);
      self_ = std::move(self);
    }
    return writer.tend(at_.epoch);
  });
  std::lock_guard lock(listener_mutex_);
  owned_ = share.owned;
  if (listener_ != nullptr) listener_->set_owned(owned_);
  return share;
}

void PostgresStore::give_up(const std::vector<engine::ShardId>& shards) {
  with_writer([&](WriterConnection& writer) { return writer.give_up(shards, at_.epoch), 0; });
}

void PostgresStore::leave() {
  with_writer([&](WriterConnection& writer) { return writer.leave(at_.epoch), 0; });
}

void PostgresStore::post_command(const engine::CommandRow& row) {
  std::lock_guard lock(poster_mutex_);
  for (bool is_retry = false;; is_retry = true) {
    const bool was_idle = poster_ != nullptr;
    try {
      if (!was_idle) {
        poster_ = std::make_unique<Connection>(address_, reader_dog_);
        const std::string limit = std::to_string(options_.read_limit.count());
        poster_->run("writer_session", Params().text(limit).text(limit));
      }
      poster_->run(
          "post_command",
          Params().small(row.id.shard()).id(row.id).text(row.kind).id(row.saga).time(row.at).text(row.body));
      poster_->run("wake_owner", Params().text(std::to_string(row.id.shard())));
      return;
    } catch (const PostgresError& error) {
      if (!is_refusal(error)) poster_.reset();
      // Written twice it is one row.
      if (was_idle && !is_retry && is_broken(error)) continue;
      throw engine::StoreUnavailable{
          error_class_of(error), sentence("the command was not left in the store " + address_.shown, error)};
    }
  }
}

std::vector<engine::CommandRow> PostgresStore::read_commands(const std::vector<engine::ShardId>& shards,
                                                             std::optional<engine::SagaId> after,
                                                             std::uint32_t count_max) {
  return readers_.with_reader(
      [&](ReaderConnection& reader) { return reader.read_commands(shards, after, count_max); });
}

std::vector<engine::CommandDone> PostgresStore::find_done(const std::vector<engine::SagaId>& commands) {
  return readers_.with_reader([&](ReaderConnection& reader) { return reader.find_done(commands); });
}

std::vector<engine::SagaRow> PostgresStore::find_sagas(const std::vector<engine::SagaId>& sagas) {
  return readers_.with_reader([&](ReaderConnection& reader) { return reader.find_sagas(sagas); });
}

std::vector<engine::EngineRow> PostgresStore::engines() {
  return readers_.with_reader([](ReaderConnection& reader) { return reader.engines(); });
}

std::vector<engine::ShardRow> PostgresStore::shards() {
  return readers_.with_reader([](ReaderConnection& reader) { return reader.shards(); });
}

engine::SharedCounts PostgresStore::shared_counts() {
  return readers_.with_reader([](ReaderConnection& reader) { return reader.shared_counts(); });
}

engine::CommandTrouble PostgresStore::command_trouble() {
  return readers_.with_reader([](ReaderConnection& reader) { return reader.command_trouble(); });
}

void PostgresStore::on_wake(std::function<void()> wake) {
  std::lock_guard lock(listener_mutex_);
  listener_.reset();
  listener_ = std::make_unique<Listener>(address_, std::move(wake));
  listener_->set_owned(owned_);
}

}  // namespace amends::postgres
