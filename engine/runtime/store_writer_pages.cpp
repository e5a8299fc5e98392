// Sagas come back in pages, between the flushes.
#include <algorithm>
#include <map>

#include "engine/base/buggify.hpp"
#include "engine/runtime/store_writer.hpp"

namespace amends::engine {
namespace {

constexpr std::uint32_t page_sagas = 500;
constexpr std::uint32_t shard_sagas_min = 8;  // of each shard in a page over many
constexpr std::size_t reload_max = 64;

}  // namespace

void StoreWriter::obey(const LoadJob& job) {
  go_on(Loading{.shard = 0, .until = job.until});
}

void StoreWriter::go_on(Loading one) {
  try {
    if (load_page(one)) {
      in_hand_ = std::move(one);
      return;
    }
  } catch (const StoreUnavailable&) {
    return go_on_after(after_failure, TakingOver{.load = std::move(one)});
  }
  report_(LoadedAll{});
}

void StoreWriter::obey(const ReloadJob& job) {
  if (!broken_) wanted_.insert(wanted_.end(), job.sagas.begin(), job.sagas.end());
}

void StoreWriter::obey(const LookJob& job) {
  if (broken_) return;
  Looking one{{}, job.look.until};
  for (const ShardId shard : job.look.shards) one.after.push_back({shard, job.look.from, {}});
  looks_.push_back(std::move(one));
}

void StoreWriter::forget_pages() {
  loading_.clear();
  looks_.clear();
  wanted_.clear();
}

// One page: commits go between. Those come first for whom somebody waits.
void StoreWriter::read_page() {
  try {
    if (!wanted_.empty()) return reload_page();
    if (!looks_.empty()) return look_page(looks_.front());
    // A large shard does not hold up the others.
    if (load_page(loading_.front()))
      loading_.push_back(loading_.front());
    else
      report_(LoadedShard{loading_.front().shard});
    loading_.pop_front();
  } catch (const StoreUnavailable&) {
    // Where it is shared, the lease tells whether it is worth trying again. Alone, nobody else would find
    // out.
    pause_ = after_failure;
    if (!shared_) in_hand_ = TakingOver{};
  }
}

// False after the last one.
bool StoreWriter::load_page(Loading& one) {
  const std::uint32_t sagas = AMENDS_BUGGIFY("tiny page") ? 1 : page_sagas;
  auto page =
      one.due ? store_.load_due({*one.due}, one.until, sagas) : store_.load_live(one.shard, one.after, sagas);
  const bool last = page.size() < sagas;
  if (last && one.due) {
    if (!page.empty()) report_(LoadedPage{std::move(page)});
    return false;
  }
  if (last)
    one.due = DueAfter{one.shard, from_micros(0), {}};
  else if (one.due)
    one.due = DueAfter{one.shard, *page.back().row.wake_at, page.back().row.id};
  else
    one.after = page.back().row.id;
  if (!page.empty()) report_(LoadedPage{std::move(page)});
  return true;
}

void StoreWriter::look_page(Looking& one) {
  const std::uint32_t each =
      AMENDS_BUGGIFY("tiny look")
          ? 1
          : std::max(static_cast<std::uint32_t>(page_sagas / one.after.size()), shard_sagas_min);
  auto page = store_.load_due(one.after, one.until, each);
  std::map<ShardId, std::pair<std::uint32_t, DueAfter>> ends;
  for (const SavedSaga& saved : page) {
    auto& [count, end] = ends[saved.row.id.shard()];
    ++count;
    end = {saved.row.id.shard(), *saved.row.wake_at, saved.row.id};
  }
  // The shards whose share was full may have more.
  one.after.clear();
  for (const auto& [shard, end] : ends)
    if (end.first == each) one.after.push_back(end.second);
  const bool last = one.after.empty();
  if (!page.empty()) report_(LoadedPage{std::move(page)});
  if (!last) return;
  looks_.pop_front();
  report_(LookedUp{});
}

void StoreWriter::reload_page() {
  const auto count =
      static_cast<std::ptrdiff_t>(std::min(wanted_.size(), AMENDS_BUGGIFY("tiny reload") ? 1 : reload_max));
  Reloaded out;
  out.asked.assign(wanted_.begin(), wanted_.begin() + count);
  out.found = store_.load_sagas(out.asked);
  wanted_.erase(wanted_.begin(), wanted_.begin() + count);
  report_(std::move(out));
}

}  // namespace amends::engine
