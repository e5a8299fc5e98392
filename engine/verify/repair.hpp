// Rows of sagas made what their journals say. The journal is the truth and is never written.
#pragma once
#include <string>
#include <vector>

#include "engine/verify/store_verifier.hpp"

namespace amends::engine {

// One column of a saga's row; empty texts for what is not there.
struct Change {
  std::string column, from, to;
};
std::vector<Change> changes(const Repair& repair);

// Passes on what it hears, and writes each page's repairs in one flush, under the store's fence.
class Repairer : public VerifyListener {
 public:
  // `store` has been taken over: nobody else writes, or the flush is fenced.
  Repairer(Store& store, VerifyListener& then) : store_(store), then_(then) {}

  void found(const Finding& finding) override { then_.found(finding); }
  void repairable(const Repair& repair) override;
  // Throws StoreUnavailable for what was not written: fenced, or no longer to be used.
  void page(const VerifyTotals& totals) override;

  std::uint64_t written() const { return written_; }

 private:
  void write(const std::vector<Repair>& repairs);

  Store& store_;
  VerifyListener& then_;
  std::vector<Repair> waiting_;
  std::uint64_t written_ = 0;
};

}  // namespace amends::engine
