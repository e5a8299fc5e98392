// A machine that gives no more threads is an error of the world: a value to tell, not the end by terminate.
#include "apps/amendsd/rest/front/workers.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "apps/amendsd/rest/front/front.hpp"
#include "apps/amendsd/rest/front/router.hpp"

namespace amends::rest {
namespace {

[[noreturn]] void start_more_than_there_are() {
  // 512 MiB of addresses hold some 60 stacks of 8 MiB.
  const rlimit few{512u << 20, 512u << 20};
  ::setrlimit(RLIMIT_AS, &few);
  Router router;
  try {
    const Workers workers(router, 256, 8);
    std::fputs("they were all made", stderr);
  } catch (const NoThread& e) {
    std::fputs(e.what(), stderr);
    std::_Exit(1);
  }
  std::_Exit(0);
}

TEST(Workers, AreRefusedWithASentenceWhenTheSystemGivesNoThread) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "skipped: the sanitizer needs the addresses";
#endif
  EXPECT_EXIT(start_more_than_there_are(), testing::ExitedWithCode(1),
              "the system gives only [0-9]+ of the 256 threads");
}

}  // namespace
}  // namespace amends::rest
