#include "adapters/store/postgres/flush_rows.hpp"

#include <limits>

#include "adapters/store/postgres/start_key.hpp"

namespace amends::postgres {
namespace {

constexpr std::size_t params_max = 44;  // of flush.sql
constexpr std::uint32_t seq_max = std::numeric_limits<std::int32_t>::max();

// Distinct for distinct pairs.
std::string joined(const engine::StartKey& key) {
  return std::to_string(key.workflow.size()) + ":" + key.workflow + key.key;
}

// Adds one column of a list of pointers to rows.
template <typename Row>
struct Columns {
  Params& params;
  const std::vector<const Row*>& rows;

  template <typename Read>
  void text(Read read) {
    std::size_t bytes = 0;  // bodies are long: an array that grows is copied again and again
    for (const Row* row : rows) bytes += 4 + read(*row).size();
    params.array(Type::text, rows, bytes, [&](Array& to, const Row* row) { to.text(read(*row)); });
  }
  template <typename Read>
  void id(Read read) {
    params.array(Type::smallint, rows, [&](Array& to, const Row* row) { to.small(read(*row).shard()); });
    params.array(Type::uuid, rows, [&](Array& to, const Row* row) { to.id(read(*row)); });
  }
  template <typename Read>
  void time(Read read) {
    params.array(Type::timestamptz, rows, [&](Array& to, const Row* row) { to.maybe_time(read(*row)); });
  }
  template <typename Read>
  void integer(Read read) {
    params.array(Type::integer, rows, [&](Array& to, const Row* row) { to.integer(read(*row)); });
  }
};

// The columns that an update may change, in the order of the statement.
void add_changing(Params& params, const std::vector<const engine::SagaRow*>& rows) {
  Columns<engine::SagaRow> columns{params, rows};
  columns.text([](const auto& row) { return std::string_view(row.state); });
  columns.text([](const auto& row) { return std::string_view(row.step); });
  columns.text([](const auto& row) { return std::string_view(row.error_class); });
  columns.integer([](const auto& row) { return row.seq; });
  params.array(Type::boolean, rows, [](Array& to, const auto* row) { to.boolean(row->active); });
  columns.time([](const auto& row) { return row.wake_at; });
}

}  // namespace

FlushRows::FlushRows(const engine::Batch& batch, engine::ShardId shards) : batch_(batch), shards_(shards) {
  settle_keys();
  settle_updates();
  for (const auto& start : batch.starts) {
    if (is_left_out(start.row.id)) continue;
    starts_.push_back(&start);
    for (const auto& tag : start.tags) tags_.push_back({start.row.id, &tag});
  }
  for (const auto& row : batch.journal) {
    if (!is_left_out(row.saga)) journal_.push_back(&row);
  }
}

void FlushRows::settle_keys() {
  std::unordered_map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < batch_.starts.size(); ++i) {
    const engine::NewSaga& start = batch_.starts[i];
    if (!start.key) continue;
    const auto [found, is_first] = first.emplace(joined(*start.key), i);
    keys_.push_back({i, is_first ? std::nullopt : std::optional(found->second)});
    if (is_first) {
      wanted_.push_back(&start);
    } else {
      left_out_.insert(start.row.id);
    }
  }
}

void FlushRows::settle_updates() {
  if (batch_.updates.empty()) return;
  for (const auto& row : batch_.updates) last_[row.id] = &row;
  SagaIds started;
  for (const auto& start : batch_.starts) started.insert(start.row.id);
  for (const auto& row : batch_.updates) {
    if (last_[row.id] == &row && !started.contains(row.id)) updates_.push_back(&row);
  }
}

std::string FlushRows::find_fault() const {
  const auto has_bad_seq = [](std::uint32_t seq) { return seq > seq_max; };
  for (const auto* start : starts_) {
    if (start->row.id.shard() >= shards_) {
      return "a saga id of shard " + std::to_string(start->row.id.shard()) + "; this store has " +
             std::to_string(shards_);
    }
    if (has_bad_seq(start->row.seq)) return "a saga's seq is too large";
  }
  for (const auto* row : updates_) {
    if (has_bad_seq(row->seq)) return "a saga's seq is too large";
  }
  for (const auto* row : journal_) {
    if (has_bad_seq(row->seq)) return "a journal row's seq is too large";
  }
  return {};
}

FlushParts FlushRows::parts() const {
  return {.keys = !wanted_.empty(),
          .starts = !starts_.empty(),
          .tags = !tags_.empty(),
          .updates = !updates_.empty(),
          .answers = !batch_.answered.empty()};
}

// In the order of flush.sql.
Params FlushRows::params(FlushParts parts, std::uint16_t writer_id, std::uint64_t epoch,
                         std::uint64_t commit_seq) const {
  Params out;
  out.reserve(params_max);
  out.small(writer_id).integer(epoch).big(commit_seq);
  if (parts.keys) add_keys(out);
  if (parts.starts) add_starts(out);
  if (parts.tags) add_tags(out);
  if (parts.updates) add_updates(out);
  add_journal(out);
  if (parts.answers) add_answers(out);
  return out;
}

void FlushRows::add_keys(Params& out) const {
  Columns<engine::NewSaga> wanted{out, wanted_};
  out.array(Type::smallint, wanted_, [&](Array& to, const auto* start) {
    to.small(key_shard(start->key->workflow, start->key->key, shards_));
  });
  wanted.text([](const auto& start) { return std::string_view(start.key->workflow); });
  wanted.text([](const auto& start) { return std::string_view(start.key->key); });
  wanted.text([](const auto& start) { return std::string_view(start.key->body_hash); });
  out.array(Type::uuid, wanted_, [](Array& to, const auto* start) { to.id(start->row.id); });
  wanted.time([](const auto& start) { return std::optional(start.key->until); });
}

void FlushRows::add_starts(Params& out) const {
  Columns<engine::NewSaga> starts{out, starts_};
  starts.id([](const auto& start) -> const auto& { return start.row.id; });
  starts.text([](const auto& start) { return std::string_view(start.row.plan_id); });
  starts.text([](const auto& start) { return std::string_view(start.row.workflow); });
  starts.text([](const auto& start) { return std::string_view(start.row.key); });
  // As the last update of this flush leaves them.
  std::vector<const engine::SagaRow*> latest;
  for (const auto* start : starts_) {
    const auto found = last_.empty() ? last_.end() : last_.find(start->row.id);
    latest.push_back(found == last_.end() ? &start->row : found->second);
  }
  add_changing(out, latest);
  starts.time([](const auto& start) { return std::optional(start.row.created_at); });
  Columns<engine::SagaRow>{out, latest}.time([](const auto& row) { return std::optional(row.updated_at); });
}

void FlushRows::add_tags(Params& out) const {
  out.array(Type::smallint, tags_, [](Array& to, const TagOf& tag) { to.small(tag.saga.shard()); });
  out.array(Type::uuid, tags_, [](Array& to, const TagOf& tag) { to.id(tag.saga); });
  out.array(Type::text, tags_, [](Array& to, const TagOf& tag) { to.text(tag.tag->name); });
  out.array(Type::text, tags_, [](Array& to, const TagOf& tag) { to.text(tag.tag->value); });
}

void FlushRows::add_updates(Params& out) const {
  Columns<engine::SagaRow> updates{out, updates_};
  updates.id([](const auto& row) -> const auto& { return row.id; });
  add_changing(out, updates_);
  updates.time([](const auto& row) { return std::optional(row.updated_at); });
}

void FlushRows::add_journal(Params& out) const {
  Columns<engine::JournalRow> journal{out, journal_};
  journal.id([](const auto& row) -> const auto& { return row.saga; });
  journal.integer([](const auto& row) { return row.seq; });
  journal.time([](const auto& row) { return std::optional(row.at); });
  journal.text([](const auto& row) { return std::string_view(row.body); });
}

void FlushRows::add_answers(Params& out) const {
  const auto& done = batch_.answered;
  out.array(Type::smallint, done, [](Array& to, const auto& one) { to.small(one.command.shard()); });
  out.array(Type::uuid, done, [](Array& to, const auto& one) { to.id(one.command); });
  out.array(Type::text, done, [](Array& to, const auto& one) { to.text(one.verdict); });
  out.array(Type::text, done, [](Array& to, const auto& one) { to.text(one.sentence); });
}

}  // namespace amends::postgres
