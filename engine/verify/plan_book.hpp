// The store's table of plans, read when it is first needed and again when a saga names one that is not known
// yet.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/ports/store.hpp"
#include "engine/verify/saga_verifier.hpp"

namespace amends::engine {

// One thread.
class PlanBook {
 public:
  explicit PlanBook(StoreReader& store) : store_(store) {}

  // The plan's forms stay where they are.
  FoundPlan find(const std::string& plan_id);
  // A plan that was not there may have come since.
  void forget_missing() { missing_.clear(); }
  // What is wrong with the rows themselves.
  std::vector<Finding> read_all();

 private:
  void read();

  StoreReader& store_;
  std::map<std::string, PlanForms> plans_;
  std::map<std::string, std::string> damaged_;  // and why
  std::set<std::string> missing_;
};

}  // namespace amends::engine
