#include "tests/adapters/store/sqlite/faulty_writer.hpp"

#include <unistd.h>

#include <cstdlib>

#include "adapters/store/sqlite/sqlite_store.hpp"

namespace amends::test {
namespace {

using engine::CommitStatus;

constexpr auto now = engine::WallTime(std::chrono::hours(24 * 365 * 50));

class Writer {
 public:
  Writer(const std::filesystem::path& dir, const RunOptions& options, int log_fd)
      : dir_(dir), options_(options), log_fd_(log_fd) {}

  void run() {
    arm(options_.fault);
    open();
    take_over();
    int durable = 1;
    while (durable < options_.flushes) {
      if (commit_one()) ++durable;
    }
    store_.reset();  // closing copies the log into the file and truncates it: calls that can fail, too
    tell(std::string("end ") + (has_fired() ? "1" : "0"));
  }

 private:
  void tell(const std::string& line) {
    const std::string text = line + "\n";
    if (::write(log_fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  }

  void open() {
    for (int i = 0; i < 20 && store_ == nullptr; ++i) {
      auto opened = sqlite::SqliteStore::open(dir_, {.reserve_bytes = 0, .vfs = faulty_vfs()});
      store_ = std::move(opened.store);
      if (store_ == nullptr) tell("down");
    }
    if (store_ == nullptr) give_up("the store cannot be opened again");
  }

  std::uint64_t take_over() {
    for (int i = 0; i < 20; ++i) {
      const auto opened = store_->take_over("e", now);
      if (opened.writer) {
        if (opened.writer->epoch <= epoch_) tell("bad the epoch did not rise");
        epoch_ = opened.writer->epoch;
        return commit_seq_ = opened.writer->commit_seq;
      }
      tell("down");
      // Not settled, so nothing may be shown.
      if (can_read()) tell("bad a read was answered before the take-over succeeded");
    }
    give_up("the store cannot be taken over again");
  }

  // True when another flush became durable.
  bool commit_one() {
    const int flush = ++last_flush_;
    const std::uint64_t before = commit_seq_;
    tell("try " + std::to_string(flush));
    const auto result = store_->commit(batch_of_flush(flush, options_.is_large));
    switch (result.status) {
      case CommitStatus::committed:
        ++commit_seq_;
        tell("ack " + std::to_string(flush));
        return true;
      case CommitStatus::refused:
        tell("refused " + std::to_string(flush));
        if (result.error_class != "io" && result.error_class != "disk_full")
          tell("bad class " + result.error_class);
        return false;
      case CommitStatus::fenced: give_up("fenced, and there is no rival");
      case CommitStatus::unknown: break;
    }
    tell("doubt " + std::to_string(flush));
    if (can_read()) tell("bad a read was answered while a flush was in doubt");
    const bool has_landed = take_over() == before + 1;
    if (!has_landed && commit_seq_ != before) tell("bad commit_seq jumped");
    if (store_->find_saga(id_of_flush(flush)).has_value() != has_landed)
      tell("bad commit_seq and rows differ");
    tell("adopt " + std::to_string(flush) + (has_landed ? " landed" : " lost"));
    return has_landed;
  }

  bool can_read() {
    try {
      store_->find_saga(id_of_flush(1));
      return true;
    } catch (const engine::StoreUnavailable&) {
      return false;
    }
  }

  [[noreturn]] void give_up(const std::string& why) {
    tell("bad " + why);
    ::_exit(1);
  }

  const std::filesystem::path dir_;
  const RunOptions options_;
  const int log_fd_;
  std::unique_ptr<sqlite::SqliteStore> store_;
  std::uint64_t epoch_ = 0, commit_seq_ = 0;
  int last_flush_ = 1;
};

}  // namespace

engine::SagaId id_of_flush(int flush) {
  return engine::SagaId::make(now, 0, static_cast<std::uint64_t>(flush));
}

engine::Batch batch_of_flush(int flush, bool is_large) {
  engine::Batch batch;
  engine::NewSaga start;
  start.row = {.id = id_of_flush(flush),
               .plan_id = "order@1",
               .workflow = "order",
               .key = {},
               .state = "running",
               .step = {},
               .error_class = {},
               .seq = 1,
               .active = true,
               .wake_at = std::nullopt,
               .created_at = now,
               .updated_at = now};
  batch.starts.push_back(start);
  for (std::uint32_t seq = 1; seq <= 5; ++seq) {
    const auto bytes = static_cast<std::size_t>(is_large ? 1 << 20 : 300);
    batch.journal.push_back({.saga = start.row.id,
                             .seq = seq,
                             .at = now,
                             .body = std::string(bytes, static_cast<char>('a' + flush % 26)),
                             .epoch = 0,
                             .commit_seq = 0});
  }
  return batch;
}

void write_on_faulty_disk(const std::filesystem::path& dir, const RunOptions& options, int log_fd) {
  Writer(dir, options, log_fd).run();
}

}  // namespace amends::test
