// One flush: what several sagas write in one transaction, and what may leave once it is durable.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/ports/store.hpp"
#include "engine/runtime/messages.hpp"

namespace amends::engine {

inline constexpr std::uint32_t no_row = ~std::uint32_t{0};

// One saga's part of a flush.
struct FlushItem {
  SagaId saga;
  std::uint32_t start = no_row, update = no_row, journal = no_row;  // indices into the batch
  Token token = 0;                                                  // of the start
  std::vector<Attempt> attempts;
  Elapsed since{};  // when the first of what it holds was decided
  std::vector<CommandReply> answers;
  std::vector<CommandDone> done;  // stands in the batch too
  std::optional<Rested> rests;
  bool told = false;  // its caller has heard that the outcome is unknown

  bool starts() const { return start != no_row; }
};

struct Flush {
  std::vector<FlushItem> items;
  Batch batch;

  bool empty() const { return items.empty(); }
};

// Moves the items for which `wanted(index)` holds, with their rows, into a flush of their own; the rest is
// gone.
Flush select(Flush from, const std::function<bool(std::size_t)>& wanted);

// The two halves of a flush of at least two items, in order.
std::pair<Flush, Flush> split(const Flush& flush);

}  // namespace amends::engine
