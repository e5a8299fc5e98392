// The writer's verbs of a store that several engines share.
#include <random>

#include "adapters/store/postgres/rows.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "adapters/store/postgres/writer.hpp"

namespace amends::postgres {
namespace {

std::vector<engine::ShardId> read_shards(const pqxx::field& list) {
  std::vector<engine::ShardId> out;
  if (list.is_null()) return out;
  std::string_view rest(list.c_str(), list.size());
  while (!rest.empty()) {
    const auto end = std::min(rest.find(','), rest.size());
    out.push_back(static_cast<engine::ShardId>(std::stoul(std::string(rest.substr(0, end)))));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

void expect_fence(const pqxx::field& count) {
  if (read_number(count) != 1) throw engine::StoreUnavailable{"fenced", "another engine declared us dead"};
}

}  // namespace

std::string draw_incarnation() {
  std::random_device random;
  std::string out;
  for (int i = 0; i < 4; ++i) out += std::to_string(random()) + (i < 3 ? "-" : "");
  return out;
}

engine::Writer WriterConnection::take_alone(const Identity& self) {
  const auto raised =
      connection_.run("take_alone", Params().text(self.engine_id).text(self.incarnation).big(lease_millis()));
  if (raised.size() != 1) throw PostgresError{"", "the table amends.writer has lost its row"};
  return became(raised[0]);
}

engine::Opened WriterConnection::join(const Identity& self) {
  connection_.run("end_own_backend", Params().text(self.engine_id).text(self.incarnation));
  const auto ask = [&] {
    return connection_.run("join_writers",
                           Params().text(self.engine_id).text(self.incarnation).big(lease_millis()));
  };
  auto answer = ask();
  // Another engine that joins for the first time may have drawn the same number.
  for (int tries = 0; answer.empty() && tries < 20; ++tries) {
    if (connection_.run("reuse_writer", Params().text(self.engine_id)).empty())
      connection_.run("ensure_writer", Params().text(self.engine_id));
    answer = ask();
  }
  if (answer.empty()) throw PostgresError{"", "no writer could be added to amends.writer"};
  const auto row = answer[0];
  if (row[0].is_null()) {
    const std::string address = row[5].is_null() ? "" : read_text(row[5]);
    return {std::nullopt, "twin",
            "another engine with the id '" + self.engine_id + "' is alive" +
                (address.empty() ? "" : ", at " + address) + ": its connection is the server's process " +
                (row[3].is_null() ? "?" : read_text(row[3])) + ", it writes since " +
                (row[4].is_null() ? "?" : read_text(row[4]))};
  }
  const engine::Writer writer = became(row);
  introduce(self);
  return {writer, {}, {}};
}

void WriterConnection::introduce(const Identity& self) {
  connection_.run("introduce", Params()
                                   .text(self.engine_id)
                                   .text(self.address)
                                   .text(self.version)
                                   .integer(schema_oldest)
                                   .integer(schema_newest));
  if (schema_ >= 4)
    connection_.run(
        "say_keys_retention",
        Params().text(self.engine_id).big(static_cast<std::uint64_t>(self.keys_retention.count())));
}

engine::Writer WriterConnection::became(const pqxx::row& row) {
  writer_id_ = static_cast<std::uint16_t>(read_number(row[0]));
  shards_ = static_cast<engine::ShardId>(read_number(row[2]));
  const auto last = connection_.run("last_flush", Params().small(writer_id_));
  if (last[0][0].is_null()) throw PostgresError{"", "the table amends.flush has lost its rows"};
  return {.epoch = read_number(row[1]), .commit_seq = read_number(last[0][0])};
}

// Says how many writers are dead and hold their row all the same.
std::uint64_t WriterConnection::renew(std::uint64_t epoch) {
  const auto answer = connection_.run("tend", Params().small(writer_id_).integer(epoch).big(lease_millis()));
  expect_fence(answer[0][0]);
  return read_number(answer[0][1]);
}

engine::Share WriterConnection::tend(std::uint64_t epoch) {
  if (renew(epoch) > 0) {
    connection_.run("end_late_backends", Params().small(writer_id_));
    renew(epoch);  // whoever still holds its row is passed over; the next one tries again
  }
  const auto answer = connection_.run("claim", Params().small(writer_id_).integer(epoch));
  expect_fence(answer[0][0]);
  engine::Share out;
  out.lease = lease_;
  out.engines = static_cast<std::uint32_t>(read_number(answer[0][1]));
  out.owned = read_shards(answer[0][3]);
  const auto even = read_number(answer[0][2]);
  if (out.owned.size() > even) out.surplus = static_cast<std::uint32_t>(out.owned.size() - even);
  return out;
}

void WriterConnection::give_up(const std::vector<engine::ShardId>& shards, std::uint64_t epoch) {
  Params params;
  params.small(writer_id_).integer(epoch);
  params.array(Type::smallint, shards, [](Array& to, engine::ShardId shard) { to.small(shard); });
  expect_fence(connection_.run("give_up", params)[0][0]);
}

void WriterConnection::leave(std::uint64_t epoch) {
  expect_fence(connection_.run("leave", Params().small(writer_id_).integer(epoch))[0][0]);
}

}  // namespace amends::postgres
