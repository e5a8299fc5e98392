// The store on PostgreSQL: the tables of the schema `amends` in one database, one writer, any number of
// readers.
//
// docs/store.md describes the tables and what a commit's three outcomes mean here.
#pragma once
#include <memory>
#include <string>

#include "adapters/store/postgres/address.hpp"
#include "adapters/store/postgres/inspection.hpp"
#include "adapters/store/postgres/listener.hpp"
#include "adapters/store/postgres/postgres_retention.hpp"
#include "adapters/store/postgres/reader_pool.hpp"
#include "adapters/store/postgres/watchdog.hpp"
#include "adapters/store/postgres/writer.hpp"
#include "engine/ports/shared_store.hpp"
#include "engine/ports/store.hpp"

namespace amends::postgres {

struct Options {
  // One of several engines; else it has the store alone and fences every other one when it takes over.
  bool is_shared = false;
  // How long a writer may be silent before the others declare it dead, by the server's clock.
  engine::Millis lease = std::chrono::seconds(5);
  // What other engines and people are told about this one.
  std::string address = {}, version = {};
  // How long a start key is remembered: for starts from SQL, which no engine sees before they are written.
  engine::Millis keys_retention = std::chrono::hours(30 * 24);
  // Reads are answered at once; the writer's verbs are not available.
  bool read_only = false;
  // The server cancels a statement of the writer or of a reader after this.
  engine::Millis write_limit = std::chrono::seconds(8), read_limit = std::chrono::seconds(4);
  // A server that says nothing for this long is taken for dead, and its connection cut. Above both others.
  engine::Millis answer_limit = std::chrono::seconds(10);
  // The same for an inspection, some of whose statements read whole tables.
  engine::Millis inspection_limit = std::chrono::hours(2);
};

class PostgresStore;

struct OpenedStore {
  std::unique_ptr<PostgresStore> store;  // nothing when it cannot be opened
  std::string error_class, error;
};

class PostgresStore : public engine::Store, public engine::SharedStore {
 public:
  // Connects once and refuses, with a sentence: an address that is none, a server that does not answer or
  // does not let us in, a database without our tables or with those of another version. Creates nothing:
  // schema.hpp does.
  static OpenedStore open(const std::string& url, Options options = {});

  // Where it is, for people: without a password.
  const std::string& shown() const { return address_.shown; }

  engine::Opened take_over(std::string_view engine_id, engine::WallTime now) override;
  engine::CommitResult commit(const engine::Batch& batch) override;
  std::vector<engine::PlanRow> ensure_plans(const std::vector<engine::PlanRow>& plans) override;
  std::vector<engine::SavedSaga> load_live(engine::ShardId shard, std::optional<engine::SagaId> after,
                                           std::uint32_t count_max) override;
  std::vector<engine::SavedSaga> load_due(const std::vector<engine::DueAfter>& after, engine::WallTime until,
                                          std::uint32_t count_max) override;
  std::vector<engine::SavedSaga> load_sagas(const std::vector<engine::SagaId>& sagas) override;
  void purge_flushes() override;

  engine::Retention* retention() override { return options_.read_only ? nullptr : &retention_; }
  engine::SharedStore* shared() override { return options_.is_shared || options_.read_only ? this : nullptr; }

  engine::Share tend(engine::WallTime now) override;  // the server's clock counts
  void give_up(const std::vector<engine::ShardId>& shards) override;
  void leave() override;
  void post_command(const engine::CommandRow& row) override;
  std::vector<engine::CommandRow> read_commands(const std::vector<engine::ShardId>& shards,
                                                std::optional<engine::SagaId> after,
                                                std::uint32_t count_max) override;
  std::vector<engine::CommandDone> find_done(const std::vector<engine::SagaId>& commands) override;
  std::vector<engine::SagaRow> find_sagas(const std::vector<engine::SagaId>& sagas) override;
  void introduce(const std::string& address) override;
  std::vector<engine::EngineRow> engines() override;
  std::vector<engine::ShardRow> shards() override;
  engine::SharedCounts shared_counts() override;
  engine::CommandTrouble command_trouble() override;
  void on_wake(std::function<void()> wake) override;

  std::optional<engine::SagaRow> find_saga(const engine::SagaId& id) override;
  std::vector<engine::JournalRow> read_journal(const engine::SagaId& id, std::uint32_t after_seq,
                                               std::uint32_t count_max) override;
  std::vector<engine::Tag> read_tags(const engine::SagaId& id) override;
  engine::SagaPage list(const engine::SagaFilter& filter, std::optional<engine::SagaId> before,
                        std::uint32_t count_max) override;
  std::optional<engine::SagaId> find_start_key(std::string_view workflow, std::string_view key) override;
  std::vector<engine::PlanRow> plans() override;
  std::vector<engine::StateCount> counts() override;
  engine::Sleepers count_sleepers(const std::vector<engine::ShardId>& shards,
                                  engine::WallTime until) override;
  PostgresInspection* inspection() override { return &inspection_; }

 private:
  PostgresStore(Address address, Options options);

  void drop_writer();
  engine::Opened join(WriterConnection& writer, std::string_view engine_id);
  std::string served_at();
  template <typename Verb>
  auto with_writer(Verb verb);

  const Address address_;
  const Options options_;
  Watchdog dog_;
  Watchdog reader_dog_;  // whoever reads has a client that waits: its limit is shorter
  ReaderPool readers_;
  PostgresInspection inspection_;
  PostgresRetention retention_;
  std::unique_ptr<WriterConnection> writer_;  // nothing before take_over() and after an unknown commit
  engine::Writer at_;

  Identity self_;                           // as it was told to the store
  std::optional<std::uint16_t> writer_id_;  // of the last take-over
  std::mutex address_mutex_;                // guards the next
  std::string served_at_;

  const std::string incarnation_ = draw_incarnation();
  std::mutex poster_mutex_;  // guards the next
  std::unique_ptr<Connection> poster_;
  std::mutex listener_mutex_;  // guards the rest
  std::vector<engine::ShardId> owned_;
  std::unique_ptr<Listener> listener_;
};

template <typename Verb>
auto PostgresStore::with_writer(Verb verb) {
  if (writer_ == nullptr) throw engine::StoreUnavailable{"io", "the store has to be taken over first"};
  try {
    return verb(*writer_);
  } catch (const PostgresError& error) {
    if (!is_refusal(error)) drop_writer();
    throw engine::StoreUnavailable{error_class_of(error),
                                   sentence("the store " + address_.shown + " cannot be used", error)};
  }
}

}  // namespace amends::postgres
