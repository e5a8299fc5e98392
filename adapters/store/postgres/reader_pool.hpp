// A few connections that read, lent to whoever reads. Any thread.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/store/postgres/reader.hpp"

namespace amends::postgres {

class ReaderPool {
 public:
  // Nothing is connected before the first read.
  ReaderPool(const Address& address, Watchdog& dog, engine::Millis statement_limit)
      : address_(address), dog_(dog), statement_limit_(statement_limit) {}

  // Calls read(ReaderConnection&), waiting for a connection while all are lent. A connection that broke since
  // it was last used is replaced once. Text that no row can hold (NUL, not UTF-8) finds nothing. Throws
  // StoreUnavailable: while shut, and for every other error.
  template <typename Read>
  auto with_reader(Read read) -> decltype(read(std::declval<ReaderConnection&>())) {
    Loan loan(*this);
    for (bool is_retry = false;; is_retry = true) {
      try {
        if (loan.reader == nullptr) loan.connect();
        return read(*loan.reader);
      } catch (const PostgresError& error) {
        if (error_class_of(error) == "data") return {};
        const bool was_idle = loan.was_idle;
        loan.drop();
        if (is_retry || !was_idle || !is_broken(error)) {
          throw unavailable(error);
        }
      }
    }
  }

  // Refuses further reads. Those under way go on: what they see was so before, and who waited for them would
  // wait for as long as a server that does not answer lets them hang.
  void shut();
  void open();

 private:
  struct Loan {
    explicit Loan(ReaderPool& from);
    ~Loan();
    void connect();
    void drop() {
      reader.reset();
      was_idle = false;
    }
    ReaderPool& pool;
    std::uint64_t opening = 0;
    std::unique_ptr<ReaderConnection> reader;
    bool was_idle = false;
  };

  engine::StoreUnavailable unavailable(const PostgresError& error) const;

  const Address& address_;
  Watchdog& dog_;
  const engine::Millis statement_limit_;
  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  bool is_open_ = false;
  std::uint64_t openings_ = 0;  // a connection serves the one in which it was lent
  int lent_ = 0;
  std::vector<std::unique_ptr<ReaderConnection>> idle_;
};

}  // namespace amends::postgres
