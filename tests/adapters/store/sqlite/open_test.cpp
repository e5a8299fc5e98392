// Who may open a store, what is refused with which sentence, and what a reader leaves behind.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "adapters/store/sqlite/connection.hpp"
#include "adapters/store/sqlite/schema.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "tests/adapters/store/sqlite/faulty_writer.hpp"
#include "tests/adapters/store/sqlite/scratch_dir.hpp"

namespace amends::test {
namespace {

using sqlite::Connection;
using sqlite::SqliteStore;

constexpr auto now = engine::WallTime(std::chrono::hours(24 * 365 * 50));

unsigned mode_of(const std::filesystem::path& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

std::set<std::string> names_in(const std::filesystem::path& dir) {
  std::set<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) out.insert(entry.path().filename());
  return out;
}

class OpenTest : public testing::Test {
 protected:
  // A store with flush 1 in it, closed again.
  void make_store() {
    auto store = must_open();
    ASSERT_EQ(store->commit(batch_of_flush(1, false)).status, engine::CommitStatus::committed);
  }
  std::unique_ptr<SqliteStore> must_open() {
    auto opened = SqliteStore::open(dir);
    EXPECT_NE(opened.store, nullptr) << opened.error;
    EXPECT_TRUE(opened.store->take_over("e", now).writer);
    return std::move(opened.store);
  }
  void expect_refused(const std::string& part, sqlite::Options options = {}) {
    const auto opened = SqliteStore::open(dir, options);
    EXPECT_EQ(opened.store, nullptr);
    EXPECT_NE(opened.error.find(part), std::string::npos) << opened.error;
  }
  Connection raw() { return Connection((dir / "amends.db").string(), Connection::Access::write, ""); }

  ScratchDir scratch;
  std::filesystem::path dir = scratch.path() / "deep" / "data";
};

TEST_F(OpenTest, WhatItMakesIsForItsOwnerOnly) {
  const auto store = must_open();
  EXPECT_EQ(mode_of(dir), 0700u);
  for (const char* file : {"amends.db", "amends.db-wal", "amends.db-shm", "lock"})
    EXPECT_EQ(mode_of(dir / file), 0600u) << file;
}

TEST_F(OpenTest, EveryConnectionOfTheWriterIsDurableAndTrustsNoSchema) {
  must_open();
  auto connection = raw();
  connection.make_durable();
  EXPECT_EQ(connection.read_text("pragma journal_mode"), "wal");
  EXPECT_EQ(connection.read_number("pragma synchronous"), 2);
  EXPECT_EQ(connection.read_number("pragma wal_autocheckpoint"), 1000);
  EXPECT_EQ(connection.read_number("pragma trusted_schema"), 0);
  EXPECT_THROW(connection.execute("select load_extension('x')"), sqlite::SqliteError);
  EXPECT_THROW(connection.execute("pragma writable_schema = on; delete from sqlite_schema"),
               sqlite::SqliteError);
}

TEST_F(OpenTest, ASecondWriterIsRefusedAndToldWhoHasIt) {
  auto first = must_open();
  expect_refused("in use by process " + std::to_string(::getpid()) + "; a store has one writer");
  first.reset();
  must_open();
}

TEST_F(OpenTest, TheLockGoesWithTheProcessThatHeldIt) {
  std::filesystem::create_directories(dir);
  const pid_t child = ::fork();
  if (child == 0) {
    auto opened = SqliteStore::open(dir);
    if (opened.store == nullptr || !opened.store->take_over("e", now).writer) ::_exit(1);
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  must_open();
}

TEST_F(OpenTest, AReaderFindsNothingWhereThereIsNothingAndMakesNothing) {
  expect_refused("cannot be read", {.read_only = true});
  EXPECT_FALSE(std::filesystem::exists(dir));
  std::filesystem::create_directories(dir);
  expect_refused("cannot be read", {.read_only = true});
  EXPECT_TRUE(names_in(dir).empty());
}

TEST_F(OpenTest, AReaderWorksBesideALiveWriterAndAfterIt) {
  auto writer = must_open();
  ASSERT_EQ(writer->commit(batch_of_flush(1, false)).status, engine::CommitStatus::committed);
  auto reader = SqliteStore::open(dir, {.read_only = true});
  ASSERT_NE(reader.store, nullptr) << reader.error;
  EXPECT_TRUE(reader.store->find_saga(id_of_flush(1)));

  ASSERT_EQ(writer->commit(batch_of_flush(2, false)).status, engine::CommitStatus::committed);
  EXPECT_TRUE(reader.store->find_saga(id_of_flush(2)));
  writer.reset();
  EXPECT_TRUE(reader.store->find_saga(id_of_flush(2)));

  const auto before = names_in(dir);
  auto later = SqliteStore::open(dir, {.read_only = true});
  ASSERT_NE(later.store, nullptr) << later.error;
  EXPECT_TRUE(later.store->find_saga(id_of_flush(2)));
  later.store.reset();
  reader.store.reset();
  EXPECT_EQ(names_in(dir), before);
}

TEST_F(OpenTest, ACopyOfTheFileAloneCanBeReadWithoutAFileBesideIt) {
  make_store();
  std::filesystem::remove(dir / "amends.db-wal");
  std::filesystem::remove(dir / "amends.db-shm");
  const auto before = names_in(dir);
  auto reader = SqliteStore::open(dir, {.read_only = true});
  ASSERT_NE(reader.store, nullptr) << reader.error;
  EXPECT_TRUE(reader.store->find_saga(id_of_flush(1)));
  EXPECT_EQ(names_in(dir), before);
}

TEST_F(OpenTest, AReaderTakesNothingOver) {
  make_store();
  auto reader = SqliteStore::open(dir, {.read_only = true});
  const auto opened = reader.store->take_over("cli", now);
  EXPECT_FALSE(opened.writer);
  EXPECT_EQ(opened.error_class, "read_only");
  EXPECT_THROW(reader.store->ensure_plans({}), engine::StoreUnavailable);
}

TEST_F(OpenTest, AStoreOfANewerVersionIsRefused) {
  make_store();
  raw().execute("pragma user_version = " + std::to_string(sqlite::schema_newest + 1));
  expect_refused("it was written by a newer Amends");
  expect_refused("it was written by a newer Amends", {.read_only = true});
}

TEST_F(OpenTest, AnotherProgramsDatabaseIsRefusedAndLeftAlone) {
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "amends.db").flush();
  raw().execute("create table contacts (name text); insert into contacts values ('Ada')");
  expect_refused("another program's database");
  expect_refused("not an Amends store", {.read_only = true});
  EXPECT_EQ(raw().read_text("select name from contacts"), "Ada");
  EXPECT_EQ(raw().read_number("select count(*) from sqlite_schema"), 1);
  EXPECT_EQ(raw().read_text("pragma journal_mode"), "delete");
}

TEST_F(OpenTest, WhatIsNoDatabaseIsRefused) {
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "amends.db") << std::string(8192, 'x');
  expect_refused("not a database");
}

TEST_F(OpenTest, ALinkInPlaceOfTheFileIsRefused) {
  std::filesystem::create_directories(dir);
  std::filesystem::create_symlink(scratch.path() / "elsewhere", dir / "amends.db");
  expect_refused("not a regular file");
  EXPECT_FALSE(std::filesystem::exists(scratch.path() / "elsewhere"));
}

TEST_F(OpenTest, APathWithSpecialCharactersIsOnePath) {
  dir = scratch.path() / "a b?c#d%41'\"";
  make_store();
  auto reader = SqliteStore::open(dir, {.read_only = true});
  ASSERT_NE(reader.store, nullptr) << reader.error;
  EXPECT_TRUE(reader.store->find_saga(id_of_flush(1)));
  EXPECT_TRUE(std::filesystem::exists(dir / "amends.db"));
}

// Each page in turn is overwritten: the store is refused, or what it shows is whole.
TEST_F(OpenTest, ADamagedFileIsRefusedOrReadWhole) {
  {
    auto store = must_open();
    for (int flush = 1; flush <= 40; ++flush) store->commit(batch_of_flush(flush, false));
  }
  const auto bytes = std::filesystem::file_size(dir / "amends.db");
  int refused = 0;
  for (std::uintmax_t page = 0; page < bytes / 4096; ++page) {
    const auto copy = scratch.path() / ("copy" + std::to_string(page));
    std::filesystem::create_directory(copy);
    std::filesystem::copy(dir / "amends.db", copy / "amends.db");
    std::fstream file(copy / "amends.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(page * 4096));
    file << std::string(4096, '\xa5');
    file.close();

    auto opened = SqliteStore::open(copy);
    if (opened.store == nullptr) {
      ++refused;
      EXPECT_NE(opened.error, "");
      continue;
    }
    ASSERT_TRUE(opened.store->take_over("e", now).writer);
    for (int flush = 1; flush <= 40; ++flush) {
      EXPECT_EQ(opened.store->read_journal(id_of_flush(flush), 0, 10).size(), 5u) << "page " << page;
    }
  }
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace amends::test
