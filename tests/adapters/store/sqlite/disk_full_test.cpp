// A full disk: refused while it lasts, nothing acknowledged is lost, and it heals.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <climits>
#include <fstream>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "tests/adapters/store/sqlite/faulty_writer.hpp"
#include "tests/adapters/store/sqlite/scratch_dir.hpp"

namespace amends::test {
namespace {

using engine::CommitStatus;
using sqlite::SqliteStore;

constexpr auto now = engine::WallTime(std::chrono::hours(24 * 365 * 50));

std::unique_ptr<SqliteStore> open(const std::filesystem::path& dir, sqlite::Options options) {
  auto opened = SqliteStore::open(dir, std::move(options));
  EXPECT_NE(opened.store, nullptr) << opened.error;
  EXPECT_TRUE(opened.store->take_over("e", now).writer);
  return std::move(opened.store);
}

class DiskFullTest : public testing::Test {
 protected:
  void TearDown() override { disarm(); }
  ScratchDir dir;
};

TEST_F(DiskFullTest, AFullDiskAtTheCommitIsInDoubtUntilThereIsSpaceAgain) {
  auto store = open(dir.path(), {.reserve_bytes = 0, .vfs = faulty_vfs()});
  ASSERT_EQ(store->commit(batch_of_flush(1, false)).status, CommitStatus::committed);

  arm({.call = FileCall::write, .nth = 1, .code = SQLITE_FULL, .times = INT_MAX});
  const auto result = store->commit(batch_of_flush(2, false));
  EXPECT_EQ(result.status, CommitStatus::unknown);
  EXPECT_EQ(result.error_class, "disk_full");
  for (int i = 0; i < 3; ++i) {
    const auto opened = store->take_over("e", now);
    EXPECT_FALSE(opened.writer);
    EXPECT_EQ(opened.error_class, "disk_full");
  }

  disarm();
  const auto opened = store->take_over("e", now);
  ASSERT_TRUE(opened.writer) << opened.error;
  EXPECT_EQ(opened.writer->commit_seq, 1u);
  EXPECT_TRUE(store->find_saga(id_of_flush(1)));
  EXPECT_FALSE(store->find_saga(id_of_flush(2)));
  EXPECT_EQ(store->commit(batch_of_flush(3, false)).status, CommitStatus::committed);
}

// More than the page cache holds, so that SQLite writes before the COMMIT.
TEST_F(DiskFullTest, AFullDiskBeforeTheCommitIsRefusedAndTheStoreGoesOn) {
  auto store = open(dir.path(), {.reserve_bytes = 0, .vfs = faulty_vfs()});
  engine::Batch huge;
  for (int flush = 1; flush <= 5; ++flush) {
    auto part = batch_of_flush(flush, true);
    huge.starts.push_back(part.starts[0]);
    for (auto& row : part.journal) huge.journal.push_back(std::move(row));
  }

  arm({.call = FileCall::write, .nth = 100, .code = SQLITE_FULL, .times = INT_MAX});
  const auto result = store->commit(huge);
  EXPECT_EQ(result.status, CommitStatus::refused);
  EXPECT_EQ(result.error_class, "disk_full");
  EXPECT_FALSE(store->find_saga(id_of_flush(1)));

  disarm();
  EXPECT_EQ(store->commit(huge).status, CommitStatus::committed);
  EXPECT_EQ(store->read_journal(id_of_flush(5), 0, 10).size(), 5u);
}

TEST_F(DiskFullTest, AFlushIsRefusedBeforeItBeginsWhileTheReserveIsTouched) {
  auto store = open(dir.path(), {.reserve_bytes = UINT64_MAX});
  const auto result = store->commit(batch_of_flush(1, false));
  EXPECT_EQ(result.status, CommitStatus::refused);
  EXPECT_EQ(result.error_class, "disk_full");
  EXPECT_FALSE(store->find_saga(id_of_flush(1)));
}

// A real file system of 24 MB, filled from outside and by the store itself.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& place) : place_(place) {
    is_mounted_ = ::mount("tmpfs", place.c_str(), "tmpfs", 0, "size=24m,mode=0700") == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(place_.c_str(), MNT_DETACH);
  }
  bool is_mounted() const { return is_mounted_; }
  std::uint64_t free_bytes() const {
    struct statvfs disk {};
    return ::statvfs(place_.c_str(), &disk) == 0 ? disk.f_bavail * disk.f_frsize : 0;
  }
  // Leaves `bytes` free.
  void fill(std::uint64_t bytes) {
    std::ofstream file(place_ / "ballast", std::ios::binary);
    const std::string block(64 << 10, 'x');
    while (free_bytes() > bytes &&
           file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void drain() { std::filesystem::remove(place_ / "ballast"); }

 private:
  std::filesystem::path place_;
  bool is_mounted_ = false;
};

void fill_and_heal(const std::filesystem::path& place, SmallDisk& disk, std::uint64_t reserve_bytes,
                   std::uint64_t left_bytes) {
  auto store = open(place / "data", {.reserve_bytes = reserve_bytes});
  disk.fill(left_bytes);
  int last = 0;
  engine::CommitResult result{.status = CommitStatus::committed, .taken = {}, .error_class = {}, .error = {}};
  while (result.status == CommitStatus::committed && last < 100000) {
    result = store->commit(batch_of_flush(++last, false));
  }
  // Flush `last` failed.
  EXPECT_EQ(result.error_class, "disk_full");
  if (reserve_bytes > 0) {
    EXPECT_EQ(result.status, CommitStatus::refused);
    EXPECT_TRUE(store->find_saga(id_of_flush(last - 1)));  // reads go on
  }

  disk.drain();
  if (result.status == CommitStatus::unknown) {
    const auto opened = store->take_over("e", now);
    ASSERT_TRUE(opened.writer) << opened.error;
    ASSERT_EQ(opened.writer->commit_seq, static_cast<std::uint64_t>(last) - 1);
  }
  for (int flush = 1; flush < last; ++flush) {
    ASSERT_EQ(store->read_journal(id_of_flush(flush), 0, 10).size(), 5u) << flush;
  }
  EXPECT_FALSE(store->find_saga(id_of_flush(last)));
  EXPECT_EQ(store->commit(batch_of_flush(last, false)).status, CommitStatus::committed);
  store.reset();
  sqlite::Connection file((place / "data" / "amends.db").string(), sqlite::Connection::Access::read, "");
  EXPECT_EQ(file.read_text("pragma integrity_check"), "ok");
}

TEST_F(DiskFullTest, ARealDiskThatFillsUpRefusesThenHeals) {
  for (const std::uint64_t reserve_bytes : {std::uint64_t{0}, std::uint64_t{4 << 20}}) {
    for (const std::uint64_t left_bytes : {reserve_bytes + (100 << 10), reserve_bytes + (1 << 20)}) {
      SmallDisk disk(dir.path());
      if (!disk.is_mounted()) {
        std::printf("skipped: needs root\n");
        GTEST_SKIP() << "needs root";
      }
      fill_and_heal(dir.path(), disk, reserve_bytes, left_bytes);
    }
  }
}

}  // namespace
}  // namespace amends::test
