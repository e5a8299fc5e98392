#include "adapters/store/postgres/inspection.hpp"

#include <algorithm>
#include <limits>

#include "adapters/store/postgres/rows.hpp"
#include "adapters/store/postgres/schema.hpp"

namespace amends::postgres {
namespace {

constexpr std::uint32_t lost_tags_max = 4096;  // of a page
constexpr std::uint32_t rows_asked_max = 4096;
constexpr std::size_t bytes_wanted = 1 << 20, bytes_many = 4 << 20;

// Any UUID, also one that Amends did not make: its saga is a finding, and no end of the reading.
engine::SagaId read_any_id(const pqxx::field& field) {
  engine::SagaId out;
  std::size_t nibble = 0;
  for (const char* at = field.c_str(); *at != '\0' && nibble < 32; ++at) {
    if (*at == '-') continue;
    const int value = *at >= 'a' ? *at - 'a' + 10 : *at - '0';
    auto& byte = out.bytes[nibble++ / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | (value & 0x0f));
  }
  return out;
}

// One snapshot, whatever comes.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection) : connection_(connection) {
    connection_.execute("begin isolation level repeatable read read only");
  }
  ~Snapshot() {
    try {
      connection_.execute("rollback");
    } catch (const PostgresError&) {
      // The connection broke, and whoever reads has heard of it.
    }
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& connection_;
};

class Kinds {
 public:
  std::int64_t number(const pqxx::field& field, const char* name) {
    const std::int64_t value = read_signed(field);
    if (value < 0 && sentence_.empty())
      sentence_ = "column '" + std::string(name) + "' holds no value of its kind";
    return std::max<std::int64_t>(value, 0);
  }
  engine::WallTime time(const pqxx::field& field, const char* name) {
    return engine::from_micros(number(field, name));
  }
  const std::string& sentence() const { return sentence_; }

 private:
  std::string sentence_;
};

bool is_true(const pqxx::field& field) {
  return *field.c_str() == 't';
}

engine::InspectedSaga read_saga(const pqxx::row& row) {
  Kinds kinds;
  engine::SagaRow out;
  out.id = read_any_id(row[0]);
  out.plan_id = read_text(row[1]);
  out.workflow = read_text(row[2]);
  out.key = read_text(row[3]);
  out.state = read_text(row[4]);
  out.step = read_text(row[5]);
  out.error_class = read_text(row[6]);
  out.seq = static_cast<std::uint32_t>(kinds.number(row[7], "seq"));
  out.active = is_true(row[8]);
  if (!row[9].is_null()) out.wake_at = kinds.time(row[9], "wake_at");
  out.created_at = kinds.time(row[10], "created_at");
  out.updated_at = kinds.time(row[11], "updated_at");
  const engine::SagaId id = out.id;
  return {id, std::move(out), kinds.sentence(), is_true(row[13]), is_true(row[12])};
}

engine::InspectedRow read_row(const pqxx::row& row) {
  Kinds kinds;
  engine::JournalRow out;
  out.saga = read_any_id(row[0]);
  out.seq = static_cast<std::uint32_t>(kinds.number(row[1], "seq"));
  out.at = kinds.time(row[2], "at");
  out.body = read_text(row[3]);
  out.epoch = static_cast<std::uint64_t>(kinds.number(row[4], "epoch"));
  out.commit_seq = static_cast<std::uint64_t>(kinds.number(row[5], "commit_seq"));
  const auto writer = static_cast<std::uint32_t>(kinds.number(row[6], "writer_id"));
  return {std::move(out), writer, kinds.sentence()};
}

}  // namespace

struct PostgresInspection::Open {
  Open(const Address& address, engine::Millis limit) : dog(limit), connection(address, dog) {}
  Watchdog dog;
  Connection connection;
};

PostgresInspection::PostgresInspection(const Address& address, engine::Millis answer_limit)
    : address_(address), answer_limit_(answer_limit) {}
PostgresInspection::~PostgresInspection() = default;

Connection& PostgresInspection::connection() {
  if (open_ == nullptr) {
    open_ = std::make_unique<Open>(address_, answer_limit_);
    open_->connection.run("inspection_session");
    check_schema(open_->connection);
  }
  return open_->connection;
}

template <typename Read>
auto PostgresInspection::reading(Read read) {
  try {
    return read(connection());
  } catch (const PostgresError& error) {
    open_.reset();
    throw engine::StoreUnavailable{error_class_of(error),
                                   sentence("the store " + address_.shown + " cannot be read", error)};
  }
}

std::uint32_t PostgresInspection::shard_count(Connection& at) {
  if (shards_ == 0) shards_ = static_cast<std::uint32_t>(at.run("inspect_shards").size());
  return shards_;
}

std::vector<engine::ShardId> PostgresInspection::shards() {
  return reading([](Connection& at) {
    std::vector<engine::ShardId> out;
    for (const auto& row : at.run("inspect_shards"))
      out.push_back(static_cast<engine::ShardId>(read_signed(row[0])));
    return out;
  });
}

std::optional<engine::SagaId> PostgresInspection::visit(const engine::InspectionRange& range,
                                                        engine::InspectionVisitor& visitor) {
  return reading([&](Connection& at) -> std::optional<engine::SagaId> {
    const std::uint32_t shards = shard_count(at);
    const Snapshot snapshot(at);
    std::vector<engine::InspectedSaga> sagas;
    engine::SagaId last = range.last;
    const auto of_range = [&range](const engine::SagaId& until) {
      return Params().small(range.shard).id(range.after).id(until);
    };
    for (const auto& row : at.run("inspect_sagas", of_range(last).big(range.sagas_max).integer(shards)))
      sagas.push_back(read_saga(row));
    if (sagas.size() == range.sagas_max && !sagas.empty()) last = sagas.back().id;
    std::vector<engine::SagaId> lost;
    for (const auto& row : at.run("inspect_lost_tags", of_range(last).big(lost_tags_max)))
      lost.push_back(read_any_id(row[0]));
    if (lost.size() == lost_tags_max) last = std::min(last, lost.back());
    engine::add_lost(sagas, lost, last);
    engine::InspectedPage page(std::move(sagas), visitor);
    visit_journal(at, range, last, page);
    page.end();
    return last < range.last ? std::optional(last) : std::nullopt;
  });
}

void PostgresInspection::visit_journal(Connection& at, const engine::InspectionRange& range,
                                       const engine::SagaId& last, engine::InspectedPage& page) {
  engine::SagaId after = range.after;
  std::uint32_t seq =
      std::numeric_limits<std::int32_t>::max();  // everything of the id that was left out is behind
  for (;;) {
    const auto rows = at.run("inspect_journal",
                             Params().small(range.shard).id(after).integer(seq).id(last).big(rows_asked_));
    std::size_t bytes = 0;
    for (const auto& row : rows) {
      bytes += row[3].size();
      page.row(read_row(row));
    }
    if (rows.size() < rows_asked_) return;
    after = read_any_id(rows.back()[0]);
    seq = static_cast<std::uint32_t>(read_signed(rows.back()[1]));
    if (bytes < bytes_wanted) rows_asked_ = std::min(rows_asked_ * 2, rows_asked_max);
    if (bytes > bytes_many) rows_asked_ = std::max(rows_asked_ / 2, 1u);
  }
}

std::vector<engine::Stray> PostgresInspection::strays() {
  static constexpr struct {
    const char *table, *sentence;
  } kinds[] = {
      {"saga", "in a shard that there is not"},
      {"journal", "in a shard that there is not"},
      {"tag", "in a shard that there is not"},
      {"start_key", "in another shard than that of their hash"},
      {"start_key", "leading to a saga that has another key"},
      {"command", "in another shard than their saga's"},
  };
  return reading([this](Connection& at) {
    const auto counted = at.run("inspect_strays", Params().integer(shard_count(at)));
    std::vector<engine::Stray> out;
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
      const std::uint64_t count = read_number(counted[0][static_cast<int>(i)]);
      if (count > 0) out.push_back({kinds[i].table, kinds[i].sentence, count});
    }
    return out;
  });
}

std::vector<engine::WriterRow> PostgresInspection::writers() {
  return reading([](Connection& at) {
    std::vector<engine::WriterRow> out;
    for (const auto& row : at.run("inspect_writers"))
      out.push_back(
          {static_cast<std::uint32_t>(read_number(row[0])), read_number(row[1]), read_number(row[2])});
    return out;
  });
}

std::uint32_t PostgresInspection::other_sessions() {
  return reading([](Connection& at) {
    return static_cast<std::uint32_t>(read_number(at.run("inspect_sessions")[0][0]));
  });
}

}  // namespace amends::postgres
