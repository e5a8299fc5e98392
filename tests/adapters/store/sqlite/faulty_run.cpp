#include "tests/adapters/store/sqlite/faulty_run.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <sstream>

#include "adapters/store/sqlite/connection.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "tests/adapters/store/sqlite/faulty_writer.hpp"

namespace amends::test {
namespace {

constexpr auto now = engine::WallTime(std::chrono::hours(24 * 365 * 50));

void must(bool holds, const char* what) {
  if (holds) return;
  std::perror(what);
  std::abort();
}

// A child that runs `body`; its standard output and input are not touched.
pid_t spawn(const std::function<void()>& body) {
  const pid_t pid = ::fork();
  must(pid >= 0, "fork");
  if (pid == 0) {
    body();
    ::_exit(0);
  }
  return pid;
}

// Another process in a read transaction on flush 1, until destroyed.
class HeldReader {
 public:
  explicit HeldReader(const std::filesystem::path& dir) {
    int ready[2], done[2];
    must(::pipe(ready) == 0 && ::pipe(done) == 0, "pipe");
    pid_ = spawn([&] {
      ::close(done[1]);
      sqlite::Connection reader((dir / "amends.db").string(), sqlite::Connection::Access::read, "");
      reader.execute("begin");
      if (reader.read_number("select count(*) from saga") != 1) ::_exit(1);
      char byte = 'r';
      must(::write(ready[1], &byte, 1) == 1, "write");
      must(::read(done[0], &byte, 1) == 0, "read");  // until the other end is closed
      // Its snapshot stood all the while.
      ::_exit(reader.read_number("select count(*) from saga") == 1 ? 0 : 1);
    });
    char byte = 0;
    ::close(ready[1]);
    ::close(done[0]);
    must(::read(ready[0], &byte, 1) == 1, "the reader");
    ::close(ready[0]);
    until_ = done[1];
  }
  ~HeldReader() {
    ::close(until_);
    int status = 0;
    must(::waitpid(pid_, &status, 0) == pid_ && status == 0, "the reader's snapshot changed");
  }

 private:
  pid_t pid_ = 0;
  int until_ = -1;
};

void make_store(const std::filesystem::path& dir, bool is_large) {
  auto opened = sqlite::SqliteStore::open(dir);
  must(opened.store != nullptr && opened.store->take_over("e", now).writer.has_value(), "the first store");
  must(opened.store->commit(batch_of_flush(1, is_large)).status == engine::CommitStatus::committed,
       "flush 1");
}

std::string read_all(int fd) {
  std::string out;
  char bytes[4096];
  for (ssize_t count; (count = ::read(fd, bytes, sizeof bytes)) > 0;)
    out.append(bytes, static_cast<std::size_t>(count));
  return out;
}

Account read_account(const std::string& log) {
  Account account;
  account.flushes[1] = Fate::acknowledged;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word, how;
    int flush = 0;
    words >> word;
    if (word == "bad") account.complaint += line + "; ";
    if (word == "down") ++account.take_overs_failed;
    words >> flush >> how;
    if (word == "try" || word == "doubt") account.flushes[flush] = Fate::in_doubt;
    if (word == "ack") account.flushes[flush] = Fate::acknowledged;
    if (word == "refused") account.flushes[flush] = Fate::refused;
    if (word == "adopt") account.flushes[flush] = how == "landed" ? Fate::landed : Fate::lost;
    if (word == "end") {
      account.is_whole = true;
      account.has_fired = flush == 1;
    }
  }
  return account;
}

struct Rows {
  std::string wrong;
  std::uint64_t present = 0;
  int came_back = 0;
};

// The flushes that `store` shows, held against the account.
Rows compare_rows(engine::StoreReader& store, const Account& account) {
  Rows out;
  for (const auto& [flush, fate] : account.flushes) {
    const std::string name = "flush " + std::to_string(flush);
    const bool is_there = store.find_saga(id_of_flush(flush)).has_value();
    if (store.read_journal(id_of_flush(flush), 0, 100).size() != (is_there ? 5u : 0u))
      out.wrong = name + " is torn";
    out.present += is_there ? 1 : 0;
    switch (fate) {
      case Fate::acknowledged:
      case Fate::landed:
        if (!is_there) out.wrong = name + " was acknowledged and is gone";
        break;
      case Fate::refused:
      case Fate::lost:
        if (is_there) out.wrong = name + " was given up and came back";
        break;
      case Fate::in_doubt: out.came_back += is_there ? 1 : 0; break;
    }
  }
  return out;
}

}  // namespace

Account run_writer(const std::filesystem::path& dir, const RunOptions& options) {
  make_store(dir, options.is_large);
  std::optional<HeldReader> reader;
  if (options.has_reader) reader.emplace(dir);
  int log[2];
  must(::pipe(log) == 0, "pipe");
  const pid_t writer = spawn([&] { write_on_faulty_disk(dir, options, log[1]); });
  ::close(log[1]);
  const Account account = read_account(read_all(log[0]));
  ::close(log[0]);
  int status = 0;
  must(::waitpid(writer, &status, 0) == writer, "waitpid");
  return account;
}

Finding compare(const std::filesystem::path& dir, const Account& account) {
  if (!account.complaint.empty()) return {account.complaint, 0};
  try {
    auto fresh = sqlite::SqliteStore::open(dir, {.read_only = true});
    if (fresh.store == nullptr) return {"a fresh reader: " + fresh.error, 0};
    const Rows seen = compare_rows(*fresh.store, account);
    if (!seen.wrong.empty()) return {"a fresh reader: " + seen.wrong, 0};
    fresh.store.reset();

    auto next = sqlite::SqliteStore::open(dir);
    if (next.store == nullptr) return {"the next writer: " + next.error, 0};
    const auto opened = next.store->take_over("next", now);
    if (!opened.writer) return {"the next writer: " + opened.error, 0};
    const Rows kept = compare_rows(*next.store, account);
    if (!kept.wrong.empty()) return {"the next writer: " + kept.wrong, 0};
    if (kept.present != seen.present)
      return {"the next writer sees other flushes than the reader before it", 0};
    if (opened.writer->commit_seq != kept.present) return {"commit_seq does not count the flushes", 0};
    const auto again = next.store->commit(batch_of_flush(1000, false));
    if (again.status != engine::CommitStatus::committed) return {"the next writer: " + again.error, 0};
    next.store.reset();

    sqlite::Connection file((dir / "amends.db").string(), sqlite::Connection::Access::read, "");
    const auto verdict = file.read_text("pragma integrity_check");
    return {verdict == "ok" ? std::string() : "integrity_check: " + verdict, kept.came_back};
  } catch (const engine::StoreUnavailable& error) {
    return {error.error, 0};
  }
}

}  // namespace amends::test
