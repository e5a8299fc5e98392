// A few read-only connections, lent to whoever reads. Any thread.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/store/sqlite/reader.hpp"

namespace amends::sqlite {

class ReaderPool {
 public:
  // Nothing is opened before the first read.
  ReaderPool(std::string path, std::string vfs) : path_(std::move(path)), vfs_(std::move(vfs)) {}

  // Calls read(ReaderConnection&), waiting for a connection while all are lent. Throws StoreUnavailable:
  // while shut, and for every error of SQLite (after which that connection is not used again).
  template <typename Read>
  auto with_reader(Read read) {
    auto reader = borrow();
    try {
      auto out = read(*reader);
      give_back(std::move(reader));
      return out;
    } catch (const SqliteError& error) {
      reader.reset();
      give_back(nullptr);
      throw unavailable(error);
    } catch (...) {
      reader.reset();
      give_back(nullptr);
      throw;
    }
  }

  // Refuses further reads, waits for the running ones and closes every connection.
  void shut();
  void open();

 private:
  std::unique_ptr<ReaderConnection> borrow();
  void give_back(std::unique_ptr<ReaderConnection> reader);
  std::unique_ptr<ReaderConnection> connect() const;
  static engine::StoreUnavailable unavailable(const SqliteError& error);

  const std::string path_, vfs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  int lent_ = 0;
  std::vector<std::unique_ptr<ReaderConnection>> idle_;
};

}  // namespace amends::sqlite
