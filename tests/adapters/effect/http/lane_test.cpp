// One lane without its loop.
#include "adapters/effect/http/lane.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include "adapters/effect/http/elapsed.hpp"
#include "tests/adapters/effect/http/http_fixture.hpp"

namespace amends::http {
namespace {

TEST(Lane, AnIdleOneAsksForNoTurn) {
  const HttpOptions options;
  const std::function<engine::WallTime()> wall = [] { return engine::from_micros(1'700'000'000'000'000); };
  Endpoint endpoint(endpoint_at("http://127.0.0.1:1"), options);
  Answers answers;
  std::atomic<std::size_t> in_flight{1};
  WaitingSink sink;
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  {
    Lane lane(endpoint, endpoint.config.concurrency_max, options, wall, answers, epoll, 0);
    lane.take({attempt_of("no JSON"), &sink});

    lane.turn(elapsed_now());
    answers.deliver(in_flight);

    EXPECT_EQ(sink.wait(1).front().reply.error_class, "bad_request_data");
    EXPECT_TRUE(lane.idle());
    EXPECT_FALSE(lane.due());
  }
  ::close(epoll);
}

}  // namespace
}  // namespace amends::http
