#include "measure/raw_postgres.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "adapters/postgres_types.hpp"
#include "measure/postgres_link.hpp"

namespace amends::measure {
namespace {

// A binary array of these elements.
class Array {
 public:
  explicit Array(postgres::Type type) : type_(static_cast<std::uint32_t>(type)) {}
  void add(std::string_view bytes) {
    elements_ += big_endian(bytes.size(), 4);
    elements_ += bytes;
    ++count_;
  }
  std::string done() const {
    if (count_ == 0) return big_endian(0, 4) + big_endian(0, 4) + big_endian(type_, 4);
    return big_endian(1, 4) + big_endian(0, 4) + big_endian(type_, 4) + big_endian(count_, 4) +
           big_endian(1, 4) + elements_;
  }

 private:
  std::uint32_t type_;
  std::uint64_t count_ = 0;
  std::string elements_;
};

using postgres::Type;

struct Row {
  std::string at, body;
};
struct Recorded {
  std::string id, plan, workflow, created, updated;
  std::vector<Row> rows;
};

std::string unhex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

// Those that were started first.
std::vector<Recorded> read_all(Link& from, std::uint64_t sagas_max) {
  std::vector<Recorded> out;
  std::map<std::string, std::size_t> by_id;
  from.prepare("sagas",
               "select encode(uuid_send(saga_id), 'hex'), plan_id, workflow,"
               " encode(timestamptz_send(created_at), 'hex'), encode(timestamptz_send(updated_at), 'hex')"
               " from amends.saga order by saga_id limit $1::bigint");
  for (auto& row : from.run("sagas", {big_endian(sagas_max, 8)})) {
    by_id[row[0]] = out.size();
    out.push_back({unhex(row[0]), row[1], row[2], unhex(row[3]), unhex(row[4]), {}});
  }
  if (out.empty()) return out;
  from.prepare("rows",
               "select encode(uuid_send(saga_id), 'hex'), encode(timestamptz_send(at), 'hex'), body"
               " from amends.journal where saga_id <= $1::uuid order by saga_id, seq");
  for (auto& row : from.run("rows", {out.back().id}))
    out[by_id.at(row[0])].rows.push_back({unhex(row[1]), row[2]});
  return out;
}

const char* const session =
    "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off;"
    "set enable_mergejoin = off; set jit = off";

// $1 epoch, $2 commit_seq, $3 seq, $4 ids, $5 at, $6 bodies.
#define AMENDS_BENCH_FENCE                                                                                   \
  "with held as materialized (select writer_id from amends.writer"                                           \
  " where writer_id = 0 and epoch = $1::integer for share),"                                                 \
  " fence as (insert into amends.flush (writer_id, commit_seq, epoch)"                                       \
  " select h.writer_id, $2::bigint, $1::integer from held h where exists (select from amends.flush f"        \
  " where f.writer_id = 0 and f.commit_seq = $2::bigint - 1) returning 1),"                                  \
  " decided as (insert into amends.journal (shard_id, saga_id, seq, at, writer_id, epoch, commit_seq, body)" \
  " select 0, j.saga_id, $3::integer, j.at, 0, $1::integer, $2::bigint, j.body"                              \
  " from fence, unnest($4::uuid[], $5::timestamptz[], $6::text[]) as j (saga_id, at, body))"

// Of a database that holds nothing but a benchmark's own.
void clear_sagas(Link& db) {
  db.ask("truncate amends.saga, amends.journal cascade");
}

class RawWriter {
 public:
  explicit RawWriter(Link& db) : db_(db) {
    db.ask(session);
    db.prepare(
        "first", AMENDS_BENCH_FENCE
        ", started as (insert into amends.saga (shard_id, saga_id, plan_id, workflow, key, state, step,"
        " error_class, seq, active, wake_at, created_at, updated_at)"
        " select 0, s.id, s.plan, s.workflow, '', 'running', '', '', 1, true, null, s.at, s.at"
        " from fence, unnest($4::uuid[], $7::text[], $8::text[], $9::timestamptz[])"
        " as s (id, plan, workflow, at)) select count(*) from fence");
    db.prepare("later", AMENDS_BENCH_FENCE
               ", ended as (update amends.saga s set state = 'completed', seq = $3::integer, active = false,"
               " updated_at = u.at"
               " from fence, unnest($7::smallint[], $8::uuid[], $9::timestamptz[]) as u (shard, id, at)"
               " where s.shard_id = u.shard and s.saga_id = u.id) select count(*) from fence");
    const auto at = db.ask(
        "update amends.writer set epoch = epoch + 1 where writer_id = 0"
        " returning epoch, (select max(commit_seq) from amends.flush where writer_id = 0)");
    epoch_ = std::stoull(at[0][0]);
    seq_ = std::stoull(at[0][1]);
  }

  // One row of each of the sagas [from, to) whose journal is that long.
  void flush(const std::vector<Recorded>& sagas, std::size_t from, std::size_t to, std::size_t nth) {
    Array ids(Type::uuid), at(Type::timestamptz), bodies(Type::text), plans(Type::text),
        workflows(Type::text), times(Type::timestamptz), ended(Type::uuid), shards(Type::smallint);
    for (std::size_t i = from; i < to; ++i) {
      const Recorded& saga = sagas[i];
      if (nth >= saga.rows.size()) continue;
      ids.add(saga.id);
      at.add(saga.rows[nth].at);
      bodies.add(saga.rows[nth].body);
      if (nth == 0) {
        plans.add(saga.plan), workflows.add(saga.workflow), times.add(saga.created);
      } else if (nth + 1 == saga.rows.size()) {
        shards.add(big_endian(0, 2)), ended.add(saga.id), times.add(saga.updated);
      }
    }
    std::vector<std::string> params = {
        big_endian(epoch_, 4), big_endian(++seq_, 8), big_endian(nth + 1, 4), ids.done(), at.done(),
        bodies.done()};
    if (nth == 0) {
      params.insert(params.end(), {plans.done(), workflows.done(), times.done()});
    } else {
      params.insert(params.end(), {shards.done(), ended.done(), times.done()});
    }
    if (db_.run(nth == 0 ? "first" : "later", params)[0][0] != "1")
      throw std::runtime_error("the fence did not hold");
  }

 private:
  Link& db_;
  std::uint64_t epoch_ = 0, seq_ = 0;
};

}  // namespace

Ran run_raw_postgres(const std::string& from, const std::string& to, std::size_t live,
                     const RawLimits& limits) {
  Link source(from), db(to);
  std::vector<Recorded> sagas = read_all(source, limits.sagas_max);
  if (from == to) clear_sagas(db);
  if (sagas.empty()) throw std::runtime_error("the engine wrote nothing");
  std::size_t longest = 0, rows = 0;
  for (const Recorded& saga : sagas) longest = std::max(longest, saga.rows.size()), rows += saga.rows.size();
  RawWriter writer(db);
  return in_lockstep(sagas.size(), rows, live, limits, [&](std::size_t group, std::size_t end) {
    std::size_t flushes = 0;
    for (std::size_t nth = 0; nth < longest; ++nth)
      for (std::size_t at = group; at < end; at += flush_sagas_max, ++flushes)
        writer.flush(sagas, at, std::min(at + flush_sagas_max, end), nth);
    return flushes;
  });
}

}  // namespace amends::measure
