#include "adapters/store/sqlite/reader_pool.hpp"

#include <filesystem>

namespace amends::sqlite {
namespace {

constexpr int readers_max = 4;

}  // namespace

void ReaderPool::shut() {
  std::unique_lock lock(mutex_);
  is_open_ = false;
  changed_.notify_all();
  changed_.wait(lock, [this] { return lent_ == 0; });
  idle_.clear();
}

void ReaderPool::open() {
  std::lock_guard lock(mutex_);
  is_open_ = true;
}

std::unique_ptr<ReaderConnection> ReaderPool::borrow() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !is_open_ || lent_ < readers_max; });
    if (!is_open_) {
      throw engine::StoreUnavailable{"io", "the store is being taken over; what it holds is not settled yet"};
    }
    ++lent_;
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  try {
    return connect();
  } catch (const SqliteError& error) {
    give_back(nullptr);
    throw unavailable(error);
  }
}

void ReaderPool::give_back(std::unique_ptr<ReaderConnection> reader) {
  std::lock_guard lock(mutex_);
  --lent_;
  if (reader != nullptr) idle_.push_back(std::move(reader));
  changed_.notify_all();
}

std::unique_ptr<ReaderConnection> ReaderPool::connect() const {
  // Without a -wal file no writer has been here since the file was copied into place, and opening it the
  // usual way would create one. A writer makes it before its first change.
  std::error_code error;
  const bool has_wal = std::filesystem::exists(path_ + "-wal", error);
  return std::make_unique<ReaderConnection>(
      path_, has_wal ? Connection::Access::read : Connection::Access::read_immutable, vfs_);
}

engine::StoreUnavailable ReaderPool::unavailable(const SqliteError& error) {
  return {error_class_of(error), sentence("the store cannot be read", error)};
}

}  // namespace amends::sqlite
