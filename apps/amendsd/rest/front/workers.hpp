// The bounded pool that runs handlers. Only complete requests come here.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "apps/amendsd/rest/front/exchange.hpp"
#include "apps/amendsd/rest/front/router.hpp"

namespace amends::rest {

// A request to route, or, with on_timeout, a wait whose time is up.
struct Job {
  std::shared_ptr<Pending> pending;
  Request request = {};
  Peer peer = {};
  std::function<Answer()> on_timeout = nullptr;
};

// submit and room from one thread.
class Workers {
 public:
  // Throws NoThread (front.hpp) when the system gives fewer.
  Workers(Router& router, std::size_t threads, std::size_t queue_max);
  // Ends the work in hand, drops what still queues (its Pending answers nothing), joins.
  ~Workers();

  // How many more requests may be submitted now.
  std::size_t room();
  // Takes all of `jobs` and leaves it empty; one lock for the lot.
  void submit(std::vector<Job>& jobs);
  void stop();

 private:
  void work();
  void run(Job& job);

  Router& router_;
  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace amends::rest
