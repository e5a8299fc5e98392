// A log whose reader sleeps holds nobody up, and says what it lost.
#include "apps/amendsd/log_queue.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <future>

namespace amends::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string gap_line(std::uint64_t lines) {
  return "dropped " + std::to_string(lines) + "\n";
}

// A pipe of one page, so that few lines fill it.
struct Pipe {
  Pipe() {
    ::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    EXPECT_GT(::fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
  }
  // The other end stays: a thread that was left in a write may hold its number.
  ~Pipe() { ::close(ends[0]); }
  // Reads until `last` is there.
  std::string read_until(const std::string& last) const {
    std::string text;
    pollfd more{ends[0], POLLIN, 0};
    while (text.find(last) == std::string::npos && ::poll(&more, 1, 10'000) > 0) {
      char bytes[4096];
      const ssize_t got = ::read(ends[0], bytes, sizeof bytes);
      if (got <= 0) break;
      text.append(bytes, static_cast<std::size_t>(got));
    }
    return text;
  }
  int ends[2] = {-1, -1};
};

TEST(LogQueue, LinesComeOutWholeAndInOrder) {
  Pipe pipe;
  LogQueue queue(pipe.ends[1], {}, gap_line);

  queue.add("one\n");
  queue.add("two\n");

  EXPECT_TRUE(queue.drain(seconds(10)));
  EXPECT_EQ(pipe.read_until("two\n"), "one\ntwo\n");
  EXPECT_EQ(queue.dropped(), 0u);
}

TEST(LogQueue, APipeThatNobodyReadsHoldsNobodyUp) {
  Pipe pipe;
  LogQueue queue(pipe.ends[1], {.lines_max = 100, .bytes_max = 1 << 20}, gap_line);

  auto added = std::async(std::launch::async, [&] {
    for (int i = 0; i < 10'000; ++i) queue.add(std::string(200, 'x') + "\n");
    queue.add("the newest\n");
  });

  const bool held_up = added.wait_for(seconds(20)) != std::future_status::ready;
  EXPECT_FALSE(held_up);
  EXPECT_FALSE(queue.drain(milliseconds(1)));
  EXPECT_GE(queue.dropped(), 9'000u);
  const std::string text = pipe.read_until("the newest\n");
  EXPECT_NE(text.find("the newest\n"), std::string::npos);
  EXPECT_NE(text.find("dropped "), std::string::npos) << "no line tells of the gap";
}

TEST(LogQueue, ItsMemoryIsBoundedByBytesToo) {
  Pipe pipe;
  LogQueue queue(pipe.ends[1], {.lines_max = 1'000'000, .bytes_max = 100'000}, gap_line);

  for (int i = 0; i < 1'000; ++i) queue.add(std::string(1'000, 'x') + "\n");

  EXPECT_GE(queue.dropped(), 700u);
}

TEST(LogQueue, AnEndIsNotHeldUpByAPipeThatNobodyReads) {
  Pipe pipe;
  LogQueue queue(pipe.ends[1], {}, gap_line);
  for (int i = 0; i < 100; ++i) queue.add(std::string(200, 'x') + "\n");

  const auto began = std::chrono::steady_clock::now();
  queue.close(milliseconds(50));

  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
}

}  // namespace
}  // namespace amends::daemon
