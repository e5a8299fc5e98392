#include "engine/verify/store_verifier.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/check.hpp"
#include "engine/ports/retention.hpp"

namespace amends::engine {
namespace {

// A page is one snapshot, so it is soon over: some milliseconds.
constexpr std::uint32_t page_sagas = 256;
constexpr std::size_t tenancies_max = 65'536;  // epochs of one writer that are remembered

constexpr SagaId last_id = [] {
  SagaId id;
  id.bytes.fill(0xff);
  return id;
}();

// The one before; of the first there is none.
SagaId before(SagaId id) {
  for (std::size_t i = id.bytes.size(); i-- > 0;)
    if (id.bytes[i]-- != 0) return id;
  return SagaId{};
}

Inspection& inspection_of(StoreReader& store) {
  Inspection* inspection = store.inspection();
  AMENDS_CHECK(inspection != nullptr, "this store cannot be inspected");
  return *inspection;
}

}  // namespace

StoreVerifier::StoreVerifier(StoreReader& store, VerifyListener& listener)
    : store_(store),
      inspection_(inspection_of(store)),
      listener_(listener),
      plans_(store),
      verifier_([this](const std::string& id) { return plans_.find(id); }) {}

VerifyTotals StoreVerifier::run(const VerifyWanted& wanted) {
  totals_ = {};
  tenancies_.clear();
  for (Finding& finding : plans_.read_all()) find(std::move(finding));
  const std::vector<ShardId> shards = inspection_.shards();
  for (const ShardId shard : shards) {
    // A store with one shard has sagas whose ids name another one, where somebody wrote them in.
    if (!wanted.saga || wanted.saga->shard() == shard || shards.size() == 1) walk(wanted, shard);
    if (totals_.cut_short) break;
  }
  if (wanted.is_everything()) look_at_strays();
  look_at_writers();
  listener_.page(totals_);
  return totals_;
}

void StoreVerifier::walk(const VerifyWanted& wanted, ShardId shard) {
  InspectionRange range{shard, {}, last_id, page_sagas};
  if (wanted.since) range.after = before(SagaId::make(std::max(*wanted.since, WallTime{}), shard, 0));
  if (wanted.saga) range.after = before(range.last = *wanted.saga);
  for (std::optional<SagaId> more = range.after; more;) {
    if (wanted.sagas_max > 0) {
      const std::uint64_t left = wanted.sagas_max - std::min(wanted.sagas_max, totals_.sagas);
      totals_.cut_short = left == 0;
      if (left == 0) return;
      range.sagas_max = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, page_sagas));
    }
    plans_.forget_missing();
    range.after = *more;
    more = inspection_.visit(range, *this);
    finish_saga();
    if (more) listener_.page(totals_);
  }
}

void StoreVerifier::find(Finding finding) {
  ++totals_.findings;
  ++totals_.by_kind[static_cast<std::size_t>(finding.kind)];
  listener_.found(finding);
}

void StoreVerifier::saga(const InspectedSaga& saga) {
  finish_saga();
  current_ = saga;
  verifier_.begin(saga.id, saga.row, saga.unreadable);
}

void StoreVerifier::row(const InspectedRow& row) {
  verifier_.take(row.row, row.writer, row.unreadable);
  if (!row.unreadable.empty()) return;
  auto& of_writer = tenancies_[row.writer];
  const auto known = of_writer.find(row.row.epoch);
  if (known == of_writer.end()) {
    if (of_writer.size() >= tenancies_max) return;
    of_writer[row.row.epoch] = {
        row.row.commit_seq, row.row.commit_seq, {FindingKind::unknown_flush, row.row.saga, row.row.seq, {}}};
    return;
  }
  Tenancy& tenancy = known->second;
  tenancy.first = std::min(tenancy.first, row.row.commit_seq);
  if (row.row.commit_seq <= tenancy.last) return;
  tenancy.last = row.row.commit_seq;
  tenancy.sample.saga = row.row.saga;
  tenancy.sample.seq = row.row.seq;
}

void StoreVerifier::finish_saga() {
  if (!current_) return;
  SagaVerdict verdict = verifier_.end();
  const InspectedSaga saga = *std::exchange(current_, std::nullopt);
  ++totals_.sagas;
  totals_.rows += verdict.rows;
  totals_.entries += verdict.entries;
  if (saga.is_misplaced)
    find({FindingKind::misplaced, saga.id, 0, "its row is in another shard than the one that its id names"});
  else if (!SagaId::parse(saga.id.text()))
    find({FindingKind::misplaced, saga.id, 0, "its id is not of the kind that Amends makes"});
  for (Finding& finding : verdict.findings) find(std::move(finding));
  if (saga.lacks_start_key)
    find({FindingKind::no_start_key, saga.id, 0,
          "it is not over, and its key '" + saga.row->key + "' does not lead to it"});
  if (!verdict.repaired || saga.is_misplaced) return;
  ++totals_.repairs;
  listener_.repairable({saga.row, std::move(*verdict.repaired)});
}

void StoreVerifier::look_at_strays() {
  for (const Stray& stray : inspection_.strays())
    find({FindingKind::misplaced,
          {},
          0,
          std::to_string(stray.count) + (stray.count == 1 ? " row" : " rows") + " of the table " +
              stray.table + " " + stray.sentence});
}

// A writer counts its flushes through all its epochs, so each epoch's lie behind those of the one before.
void StoreVerifier::look_at_writers() {
  const std::vector<WriterRow> writers = inspection_.writers();
  for (const auto& [writer, epochs] : tenancies_) {
    const Tenancy* earlier = nullptr;
    for (const auto& [epoch, tenancy] : epochs) {
      if (earlier != nullptr && earlier->last >= tenancy.first)
        find({FindingKind::epoch_backwards, earlier->sample.saga, earlier->sample.seq,
              "it is of flush " + std::to_string(earlier->last) + " of writer " + std::to_string(writer) +
                  ", which had written flush " + std::to_string(tenancy.first) + " in its later epoch " +
                  std::to_string(epoch)});
      if (earlier == nullptr || tenancy.last > earlier->last) earlier = &tenancy;
    }
    const auto known = std::find_if(writers.begin(), writers.end(),
                                    [w = writer](const WriterRow& one) { return one.writer == w; });
    if (epochs.empty()) continue;
    const Tenancy& latest = epochs.rbegin()->second;
    if (known == writers.end() || epochs.rbegin()->first > known->epoch ||
        earlier->last > known->commit_seq) {
      Finding finding = latest.sample;
      finding.sentence = "it is of epoch " + std::to_string(epochs.rbegin()->first) + ", flush " +
                         std::to_string(earlier->last) + " of writer " + std::to_string(writer) +
                         ", which has not come to that";
      find(std::move(finding));
    }
  }
}

}  // namespace amends::engine
