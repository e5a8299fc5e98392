#include "adapters/store/postgres/reader_pool.hpp"

namespace amends::postgres {
namespace {

constexpr int readers_max = 4;

engine::StoreUnavailable unsettled() {
  return {"io", "the store is being taken over; what it holds is not settled yet"};
}

}  // namespace

ReaderPool::Loan::Loan(ReaderPool& from) : pool(from) {
  std::unique_lock lock(pool.mutex_);
  // Not for ever: where the server is stopped each reader waits for its limit, and all of REST would wait
  // behind.
  const bool is_free = pool.changed_.wait_for(lock, pool.statement_limit_,
                                              [this] { return !pool.is_open_ || pool.lent_ < readers_max; });
  if (!is_free) throw engine::StoreUnavailable{"io", "too many reads wait for the store"};
  if (!pool.is_open_) throw unsettled();
  opening = pool.openings_;
  ++pool.lent_;
  if (pool.idle_.empty()) return;
  reader = std::move(pool.idle_.back());
  pool.idle_.pop_back();
  was_idle = true;
}

ReaderPool::Loan::~Loan() {
  std::lock_guard lock(pool.mutex_);
  --pool.lent_;
  if (reader != nullptr && pool.is_open_ && opening == pool.openings_)
    pool.idle_.push_back(std::move(reader));
  pool.changed_.notify_all();
}

void ReaderPool::Loan::connect() {
  reader = std::make_unique<ReaderConnection>(pool.address_, pool.dog_, pool.statement_limit_);
  std::lock_guard lock(pool.mutex_);
  if (!pool.is_open_ || opening != pool.openings_) throw unsettled();  // shut while it was connecting
}

void ReaderPool::shut() {
  std::lock_guard lock(mutex_);
  is_open_ = false;
  changed_.notify_all();
  idle_.clear();
}

void ReaderPool::open() {
  std::lock_guard lock(mutex_);
  is_open_ = true;
  ++openings_;
}

engine::StoreUnavailable ReaderPool::unavailable(const PostgresError& error) const {
  return {error_class_of(error), sentence("the store " + address_.shown + " cannot be read", error)};
}

}  // namespace amends::postgres
