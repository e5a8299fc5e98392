// A commit has three outcomes: every call that SQLite makes to the disk is failed once, and the process is
// killed at every one, with and without another process reading; whatever the writer was told must stay true.
#include <gtest/gtest.h>

#include "tests/adapters/store/sqlite/faulty_run.hpp"
#include "tests/adapters/store/sqlite/scratch_dir.hpp"

namespace amends::test {
namespace {

// What a sweep met: a sweep that met no doubt proves nothing about it.
struct Met {
  int runs = 0, refused = 0, lost = 0, landed = 0, came_back = 0, killed = 0, take_overs_failed = 0;

  void add(const Account& account, const Finding& finding) {
    ++runs;
    came_back += finding.came_back;
    take_overs_failed += account.take_overs_failed;
    killed += account.is_whole ? 0 : 1;
    for (const auto& [flush, fate] : account.flushes) {
      refused += fate == Fate::refused ? 1 : 0;
      lost += fate == Fate::lost ? 1 : 0;
      landed += fate == Fate::landed ? 1 : 0;
    }
  }
  void print(const char* what) const {
    std::printf(
        "%s: %d runs, %d killed; flushes refused %d, in doubt and lost %d, in doubt and landed %d; "
        "take-overs that failed %d; left in doubt by a crash and there afterwards %d\n",
        what, runs, killed, refused, lost, landed, take_overs_failed, came_back);
  }
};

// Runs it and holds the account against the store. Returns the account.
Account run_and_compare(const RunOptions& options, Met& met) {
  const ScratchDir dir;
  const Account account = run_writer(dir.path(), options);
  const Finding finding = compare(dir.path(), account);
  met.add(account, finding);
  EXPECT_EQ(finding.wrong, "") << "call " << static_cast<int>(options.fault.call) << " nth "
                               << options.fault.nth << " code " << options.fault.code << " kill_at "
                               << options.fault.kill_at << (options.has_reader ? " with a reader" : "")
                               << (options.is_large ? " large" : "");
  return account;
}

// Fails the 1st, 2nd, ... call until a run is clean. Returns how many there were.
int sweep_faults(RunOptions options, FileCall call, int code, int stride, Met& met) {
  options.fault.call = call;
  options.fault.code = code;
  for (int nth = 1;; nth += stride) {
    options.fault.nth = nth;
    const Account account = run_and_compare(options, met);
    EXPECT_TRUE(account.is_whole);
    if (!account.has_fired || testing::Test::HasFailure()) return nth - 1;
  }
}

class FaultyDiskTest : public testing::TestWithParam<bool> {
 protected:
  RunOptions options{.fault = {}, .is_large = false, .has_reader = GetParam()};
  Met met;
};
INSTANTIATE_TEST_SUITE_P(With, FaultyDiskTest, testing::Bool(),
                         [](const auto& reader) { return reader.param ? "a_reader" : "no_reader"; });

TEST_P(FaultyDiskTest, EverySyncThatFailsOnceLeavesWhatWasTold) {
  EXPECT_GT(sweep_faults(options, FileCall::sync, SQLITE_IOERR_FSYNC, 1, met), 3);
  met.print("sync");
  EXPECT_GT(met.lost + met.landed, 0);
}

// When closing fails as well, SQLite leaves its log as it is, and opening replays what the failed sync was
// for.
TEST_P(FaultyDiskTest, SyncsThatFailTwiceAndThriceLeaveWhatWasTold) {
  for (options.fault.times = 2; options.fault.times <= 3; ++options.fault.times) {
    sweep_faults(options, FileCall::sync, SQLITE_IOERR_FSYNC, 1, met);
  }
  met.print("sync, twice and thrice");
  // With another process in the file there is nothing to replay.
  EXPECT_GT(options.has_reader ? met.lost : met.landed, 0);
}

TEST_P(FaultyDiskTest, EveryWriteThatFailsOnceLeavesWhatWasTold) {
  EXPECT_GT(sweep_faults(options, FileCall::write, SQLITE_IOERR_WRITE, 1, met), 10);
  met.print("write");
  EXPECT_GT(met.lost, 0);
}

TEST_P(FaultyDiskTest, EveryWriteThatFindsTheDiskFullOnceLeavesWhatWasTold) {
  EXPECT_GT(sweep_faults(options, FileCall::write, SQLITE_FULL, 1, met), 10);
  met.print("full");
  EXPECT_GT(met.lost, 0);
}

TEST_P(FaultyDiskTest, EveryTruncateThatFailsOnceLeavesWhatWasTold) {
  sweep_faults(options, FileCall::truncate, SQLITE_IOERR_TRUNCATE, 1, met);
  met.print("truncate");
}

TEST_P(FaultyDiskTest, SoDoFlushesThatMakeSqliteCheckpoint) {
  options.is_large = true;
  options.flushes = 4;
  EXPECT_GT(sweep_faults(options, FileCall::sync, SQLITE_IOERR_FSYNC, 1, met), 4);
  sweep_faults(options, FileCall::write, SQLITE_IOERR_WRITE, 977, met);
  sweep_faults(options, FileCall::write, SQLITE_FULL, 1013, met);
  met.print("large");
  EXPECT_GT(met.lost + met.landed, 0);
}

// The accident of docs/store.md: the sync fails, the rows are in the file all the same, and the process dies
// before or while it takes over.
TEST_P(FaultyDiskTest, ACrashAnywhereAfterAFailedSyncLeavesWhatWasTold) {
  options.flushes = 3;
  options.fault.call = FileCall::sync;
  options.fault.code = SQLITE_IOERR_FSYNC;
  for (int nth = 1, fired = 1; fired == 1 && !HasFailure(); ++nth) {
    options.fault.nth = nth;
    options.fault.kill_at = 0;
    fired = run_and_compare(options, met).has_fired ? 1 : 0;
    for (int kill_at = 1; fired == 1 && !HasFailure(); ++kill_at) {
      options.fault.kill_at = kill_at;
      if (run_and_compare(options, met).is_whole) break;
    }
  }
  met.print("crash after a failed sync");
  EXPECT_GT(met.killed, 20);
  EXPECT_GT(met.came_back, 0);
}

// As above, but nothing survives that was not synced, and a failed sync never writes what it was for: an
// outcome that was adopted must not rest on pages that only memory held.
TEST(PowerCutTest, APowerCutAnywhereAroundFailedSyncsLeavesWhatWasTold) {
  Met met;
  RunOptions options{.fault = {.call = FileCall::sync, .power_goes = true}, .flushes = 3};
  for (options.fault.times = 1; options.fault.times <= 3; ++options.fault.times) {
    for (int nth = 0, fired = 1; fired == 1 && !testing::Test::HasFailure(); ++nth) {
      options.fault.nth = nth;  // 0: no failed sync, only the cut
      for (int kill_at = 1; !testing::Test::HasFailure(); ++kill_at) {
        options.fault.kill_at = kill_at;
        const Account account = run_and_compare(options, met);
        if (!account.is_whole) continue;
        fired = nth == 0 || account.has_fired ? 1 : 0;
        break;
      }
    }
  }
  met.print("power cut around failed syncs");
  EXPECT_GT(met.killed, 100);
  EXPECT_GT(met.landed, 0);
}

TEST_P(FaultyDiskTest, ACrashAtAnyCallLeavesWhatWasTold) {
  for (int kill_at = 1; !HasFailure(); ++kill_at) {
    options.fault = {};
    options.fault.kill_at = kill_at;
    if (run_and_compare(options, met).is_whole) break;
  }
  met.print("crash");
  EXPECT_GT(met.killed, 10);
  EXPECT_GT(met.came_back, 0);
}

}  // namespace
}  // namespace amends::test
