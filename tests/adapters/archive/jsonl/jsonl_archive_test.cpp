// Lines in files: what they hold, what a crash left of one, and what is refused.
#include "adapters/archive/jsonl/jsonl_archive.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "engine/base/json.hpp"
#include "tests/conformance/rows.hpp"

namespace amends::engine {
namespace {

namespace fs = std::filesystem;

class ArchiveTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "amends-archive-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    base = name;
    dir = base / "archive";
  }
  void TearDown() override { fs::remove_all(base); }

  static EndedSaga saga(int n) {
    EndedSaga out{ended(n, "completed"), {{"shop", "Graz \"1\"\n"}}, {}};
    out.row.key = "k" + std::to_string(n);
    out.journal = {entry_of(n, 1, R"([{"kind":"started","input":{"a":1.0}}])"), entry_of(n, 2, "[]")};
    return out;
  }
  fs::path file() const { return dir / "2023-11-14.jsonl"; }  // the day of at_second(0)
  std::string text() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path base, dir;
};

TEST_F(ArchiveTest, ASagaIsOneLineWithItsTagsAndItsJournalAsItWasWritten) {
  archive::JsonlArchive archive(dir);
  ASSERT_EQ(archive.prepare(), "");

  EXPECT_EQ(archive.append({saga(1)}, at_second(0)), "");

  EXPECT_EQ(text(),
            "{\"id\":\"" + id_of(1).text() +
                R"(","plan":"order@1","workflow":"order","key":"k1","state":"completed",)"
                R"("created_at":"2023-11-14T22:13:21.000000Z","updated_at":"2023-11-14T22:13:22.000000Z",)"
                R"("tags":{"shop":"Graz \"1\"\n"},"journal":[{"seq":1,"at":"2023-11-14T22:13:21.000000Z",)"
                R"("epoch":0,"commit_seq":0,"entries":[{"kind":"started","input":{"a":1.0}}]},)"
                R"({"seq":2,"at":"2023-11-14T22:13:21.000000Z","epoch":0,"commit_seq":0,"entries":[]}]})"
                "\n");
  EXPECT_TRUE(Json::accept(text()));
}

TEST_F(ArchiveTest, ABodyThatIsNoJsonIsKeptAsText) {
  for (const std::string body : {"{", "[1,\n2]", "\x01"}) {
    EndedSaga odd = saga(1);
    odd.journal = {entry_of(1, 1, body)};
    const std::string line = archive::line_of(odd);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(Json::parse(line).at("journal").at(0).at("entries"), body);
  }
}

TEST_F(ArchiveTest, LinesAreAppendedAndADayHasAFileThatOnlyItsOwnerReads) {
  archive::JsonlArchive archive(dir);
  ASSERT_EQ(archive.prepare(), "");
  EXPECT_EQ(archive.append({saga(1), saga(2)}, at_second(0)), "");
  EXPECT_EQ(archive.append({saga(3)}, at_second(1)), "");
  EXPECT_EQ(archive.append({saga(4)}, at_second(86'400)), "");

  const std::string day = text();
  EXPECT_EQ(std::count(day.begin(), day.end(), '\n'), 3);
  EXPECT_TRUE(fs::exists(dir / "2023-11-15.jsonl"));
  EXPECT_EQ(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(dir).permissions(), fs::perms::owner_all);
}

TEST_F(ArchiveTest, WhatACrashLeftOfALineIsClosedOff) {
  archive::JsonlArchive archive(dir);
  ASSERT_EQ(archive.prepare(), "");
  ASSERT_EQ(archive.append({saga(1)}, at_second(0)), "");
  const std::string whole = text();
  std::ofstream(file(), std::ios::app) << R"({"id":"torn)";

  ASSERT_EQ(archive.append({saga(1)}, at_second(0)), "");

  EXPECT_EQ(text(), whole + "{\"id\":\"torn\n" + whole);
}

TEST_F(ArchiveTest, WhatCannotBeWrittenIsASentenceWithTheFile) {
  archive::JsonlArchive archive(dir);
  EXPECT_EQ(archive.append({saga(1)}, at_second(0)), file().string() + ": No such file or directory");
  ASSERT_EQ(archive.prepare(), "");
  fs::create_directory(file());
  EXPECT_EQ(archive.append({saga(1)}, at_second(0)), file().string() + ": Is a directory");
  fs::remove(file());
  fs::create_symlink(base / "elsewhere", file());
  EXPECT_NE(archive.append({saga(1)}, at_second(0)), "");
  EXPECT_FALSE(fs::exists(base / "elsewhere"));
}

TEST_F(ArchiveTest, AFullDiskLeavesTheFileAsItWas) {
  archive::JsonlArchive archive(dir);
  ASSERT_EQ(archive.prepare(), "");
  ASSERT_EQ(archive.append({saga(1)}, at_second(0)), "");
  const std::string whole = text();
  // As a full disk does, a limit lets the first bytes through.
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{whole.size() + 10, before.rlim_max};
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string trouble = archive.append({saga(2)}, at_second(0));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);

  EXPECT_EQ(trouble, file().string() + ": File too large");
  EXPECT_EQ(text(), whole);
}

TEST_F(ArchiveTest, AFileThatAnotherProcessHoldsIsWaitedForNotForLong) {
  archive::JsonlArchive archive(dir);
  ASSERT_EQ(archive.prepare(), "");
  ASSERT_EQ(archive.append({saga(1)}, at_second(0)), "");
  const int held = ::open(file().c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);

  EXPECT_EQ(archive.append({saga(2)}, at_second(0)), file().string() + " is locked by another process");
  ::close(held);
  EXPECT_EQ(archive.append({saga(2)}, at_second(0)), "");
}

TEST_F(ArchiveTest, ADirectoryThatCannotBeIsRefusedAtTheStart) {
  EXPECT_EQ(archive::JsonlArchive("/proc/amends").prepare(),
            "the archive's directory cannot be made: /proc/amends: No such file or directory");
  std::ofstream(base / "file") << "x";
  EXPECT_NE(archive::JsonlArchive(base / "file").prepare(), "");
  EXPECT_EQ(archive::JsonlArchive(dir).prepare(), "");
  EXPECT_TRUE(fs::is_empty(dir));
}

}  // namespace
}  // namespace amends::engine
