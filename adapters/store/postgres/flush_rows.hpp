// A batch as the parameters of the one statement that writes it.
//
// Within one statement no part sees the rows of another, so what depends on the order inside a batch is
// decided here: an update beside its start goes into the start's row, of several updates the last counts, and
// of several starts with one key the first asks for it.
#pragma once
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "adapters/store/postgres/flush_statement.hpp"
#include "adapters/store/postgres/params.hpp"
#include "engine/ports/store.hpp"

namespace amends::postgres {

// One flush; keeps pointers into the batch.
class FlushRows {
 public:
  FlushRows(const engine::Batch& batch, engine::ShardId shards);

  // A sentence when the batch holds what this store cannot take, before anything is sent.
  std::string find_fault() const;
  FlushParts parts() const;
  // Those of the statement that has just these parts.
  Params params(FlushParts parts, std::uint16_t writer_id, std::uint64_t epoch,
                std::uint64_t commit_seq) const;

  struct Key {
    std::size_t start;                  // which start asks
    std::optional<std::size_t> behind;  // another start of this flush, which asked before it
  };
  // Starts with a key, in order.
  const std::vector<Key>& keys() const { return keys_; }

 private:
  using SagaIds = std::unordered_set<engine::SagaId, engine::SagaIdHash>;
  struct TagOf {
    engine::SagaId saga;
    const engine::Tag* tag;
  };

  void add_keys(Params& out) const;
  void add_starts(Params& out) const;
  void add_tags(Params& out) const;
  void add_updates(Params& out) const;
  void add_journal(Params& out) const;
  void add_answers(Params& out) const;
  void settle_keys();
  void settle_updates();
  bool is_left_out(const engine::SagaId& id) const { return !left_out_.empty() && left_out_.contains(id); }

  const engine::Batch& batch_;
  const engine::ShardId shards_;
  std::vector<Key> keys_;
  SagaIds left_out_;  // whose key another start of this flush asks for
  std::vector<const engine::NewSaga*> wanted_, starts_;
  std::vector<TagOf> tags_;
  std::unordered_map<engine::SagaId, const engine::SagaRow*, engine::SagaIdHash> last_;  // the updates
  std::vector<const engine::SagaRow*> updates_;
  std::vector<const engine::JournalRow*> journal_;
};

}  // namespace amends::postgres
