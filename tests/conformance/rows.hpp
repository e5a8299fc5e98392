// Rows to write, told apart by a small number.
#pragma once
#include <string>

#include "engine/ports/store.hpp"

namespace amends::engine {

inline WallTime at_second(std::int64_t n) {
  return from_micros((1'700'000'000 + n) * 1'000'000);
}

// Ascends with n, shard 0.
inline SagaId id_of(int n) {
  return SagaId::make(at_second(n), 0, 1000 + static_cast<std::uint64_t>(n));
}

inline SagaRow row_of(int n) {
  return {.id = id_of(n),
          .plan_id = "order@1",
          .workflow = "order",
          .key = {},
          .state = "running",
          .step = {},
          .error_class = {},
          .seq = 1,
          .active = true,
          .wake_at = std::nullopt,
          .created_at = at_second(n),
          .updated_at = at_second(n)};
}

inline StartKey key_of(std::string key, std::string body_hash = "hash") {
  return {.workflow = "order",
          .key = std::move(key),
          .body_hash = std::move(body_hash),
          .until = at_second(1000)};
}

inline NewSaga start_of(int n, std::vector<Tag> tags = {}) {
  return {.row = row_of(n), .key = std::nullopt, .tags = std::move(tags)};
}

inline NewSaga keyed_start_of(int n, std::string key, std::string body_hash = "hash") {
  NewSaga start = start_of(n);
  start.row.key = key;
  start.key = key_of(std::move(key), std::move(body_hash));
  return start;
}

inline JournalRow entry_of(int n, std::uint32_t seq, std::string body = R"([{"kind":"x"}])") {
  return {
      .saga = id_of(n), .seq = seq, .at = at_second(n), .body = std::move(body), .epoch = 0, .commit_seq = 0};
}

// The row that ends saga n.
inline SagaRow ended(int n, std::string state, std::uint32_t seq = 2) {
  SagaRow row = row_of(n);
  row.state = std::move(state);
  row.active = false;
  row.seq = seq;
  row.updated_at = at_second(n + 1);
  return row;
}

}  // namespace amends::engine
