// The two state tables behind plain enums. Internal to engine/lifecycle.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/lifecycle/decide.hpp"

namespace amends::engine {

enum class StepMove : std::uint8_t {
  attempt,
  succeed,
  refuse,
  back_off,
  stop,
  skip,
  undo,
  finish_undo,
  find_nothing,
  fail_undo
};
enum class SagaMove : std::uint8_t {
  finish,
  fail,
  cancel,
  get_stuck,
  resume,
  resume_undo,
  finish_undo,
  abandon
};

std::string_view name_of(StepMove move);
std::string_view name_of(SagaMove move);

// One thread. `next` gives the state after the move, or nothing where the table has no such row.
class StepTable {
 public:
  StepTable();
  ~StepTable();
  std::optional<StepState> next(StepState from, StepMove move);
  const std::vector<std::uint64_t>& taken() const;
  static std::vector<Transition> transitions();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class SagaTable {
 public:
  SagaTable();
  ~SagaTable();
  std::optional<SagaState> next(SagaState from, SagaMove move);
  const std::vector<std::uint64_t>& taken() const;
  static std::vector<Transition> transitions();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace amends::engine
