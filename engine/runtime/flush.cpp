#include "engine/runtime/flush.hpp"

namespace amends::engine {
namespace {

// Moves row `at` of one table to the end of another, and says where it is now.
template <typename Row>
std::uint32_t move_row(std::vector<Row>& from, std::uint32_t at, std::vector<Row>& to) {
  if (at == no_row) return no_row;
  to.push_back(std::move(from[at]));
  return static_cast<std::uint32_t>(to.size() - 1);
}

}  // namespace

Flush select(Flush from, const std::function<bool(std::size_t)>& wanted) {
  Flush out;
  for (std::size_t i = 0; i < from.items.size(); ++i) {
    if (!wanted(i)) continue;
    FlushItem item = std::move(from.items[i]);
    item.start = move_row(from.batch.starts, item.start, out.batch.starts);
    item.update = move_row(from.batch.updates, item.update, out.batch.updates);
    item.journal = move_row(from.batch.journal, item.journal, out.batch.journal);
    out.batch.answered.insert(out.batch.answered.end(), item.done.begin(), item.done.end());
    out.items.push_back(std::move(item));
  }
  return out;
}

std::pair<Flush, Flush> split(const Flush& flush) {
  const std::size_t half = flush.items.size() / 2;
  return {select(flush, [half](std::size_t i) { return i < half; }),
          select(flush, [half](std::size_t i) { return i >= half; })};
}

}  // namespace amends::engine
