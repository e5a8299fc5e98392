#include "apps/amendsd/rest/front/workers.hpp"

#include <algorithm>
#include <iterator>
#include <system_error>

#include "apps/amendsd/rest/front/front.hpp"

namespace amends::rest {

Workers::Workers(Router& router, std::size_t threads, std::size_t queue_max)
    : router_(router), queue_max_(queue_max) {
  threads_.reserve(threads);
  try {
    while (threads_.size() < threads) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& e) {
    const std::string had = std::to_string(threads_.size());
    stop();  // or the end of a thread that still runs would end the process
    throw NoThread("the system gives only " + had + " of the " + std::to_string(threads) +
                   " threads that [server] workers asks for: " + e.code().message());
  }
}

Workers::~Workers() {
  stop();
}

std::size_t Workers::room() {
  std::lock_guard lock(mutex_);
  return queue_max_ - std::min(queue_max_, queue_.size());
}

void Workers::submit(std::vector<Job>& jobs) {
  if (jobs.empty()) return;
  std::size_t to_wake;
  {
    std::lock_guard lock(mutex_);
    std::move(jobs.begin(), jobs.end(), std::back_inserter(queue_));
    to_wake = std::min(idle_, jobs.size());
  }
  for (std::size_t i = 0; i < to_wake; ++i) wake_.notify_one();
  jobs.clear();
}

void Workers::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

void Workers::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    ++idle_;
    wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    run(job);
  }
}

void Workers::run(Job& job) {
  Exchange exchange(job.pending);
  try {
    if (job.on_timeout)
      exchange.fail(job.on_timeout());
    else
      router_.serve(std::move(job.request), job.peer, exchange);
  } catch (...) {
    // Its text may hold what clients must not read.
    exchange.fail(
        problem({500, "internal-error", "Internal error", "The request failed inside the server."}));
  }
}

}  // namespace amends::rest
