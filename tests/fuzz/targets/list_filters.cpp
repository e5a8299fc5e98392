// The query of a list, from the request's line to the store: it is refused in a printable sentence, or two
// stores that know nothing of each other find the same sagas.
#include <unistd.h>

#include <filesystem>

#include "adapters/store/memory/memory_store.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "apps/amendsd/rest/front/mailbox.hpp"
#include "apps/amendsd/rest/front/router.hpp"
#include "apps/amendsd/rest/routes/reading.hpp"
#include "engine/base/text.hpp"
#include "engine/service/present.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using namespace engine;

Batch sagas() {
  static constexpr std::array<const char*, 6> states{"running",     "compensating",   "completed",
                                                     "compensated", "needs_operator", "abandoned"};
  Batch out;
  for (int n = 0; n < 24; ++n) {
    const WallTime at = from_micros((1'700'000'000 + n * 7'000) * std::int64_t{1'000'000});
    SagaRow row;
    row.id = SagaId::make(at, 0, static_cast<std::uint64_t>(n));
    row.plan_id = n % 2 == 0 ? "order@1" : "parcel@2";
    row.workflow = n % 2 == 0 ? "order" : "parcel";
    row.state = states[static_cast<std::size_t>(n) % states.size()];
    row.active = row.state == "running" || row.state == "compensating" || row.state == "needs_operator";
    row.key = n % 3 == 0 ? "k" + std::to_string(n) : "";
    row.seq = 1;
    row.created_at = row.updated_at = at;
    NewSaga start{row, std::nullopt, {}};
    if (n % 2 == 0) start.tags.push_back({"region", n % 4 == 0 ? "eu" : ""});
    if (n % 3 == 0) start.tags.push_back({"a", "%"});
    out.starts.push_back(start);
    out.journal.push_back({row.id, 1, at, "[]", 0, 0});
  }
  return out;
}

void fill(Store& store) {
  store.take_over("fuzz", from_micros(1));
  AMENDS_HOLDS(store.commit(sagas()).status == CommitStatus::committed, "the store takes the sagas");
}

struct Stores {
  Stores()
      : dir(std::filesystem::temp_directory_path() / ("amends-fuzz-list-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(dir);
    sqlite = std::move(sqlite::SqliteStore::open(dir).store);
    fill(memory);
    fill(*sqlite);
  }
  ~Stores() { std::filesystem::remove_all(dir); }
  std::filesystem::path dir;
  memory::MemoryStore memory{std::make_shared<memory::Tables>()};
  std::unique_ptr<sqlite::SqliteStore> sqlite;
};

struct Asked {
  SagaFilter filter;
  std::optional<SagaIdRange> ids;
  std::optional<SagaId> before;
  std::uint32_t limit = 0;
};

// As the route reads it.
std::optional<Asked> asked;
std::string refused;

void read_query(const httplib::Request& request, httplib::Response& response) {
  try {
    rest::Query query(request);
    Asked out;
    out.filter = rest::read_filter(query);
    out.ids = query.id_prefix("id_prefix");
    out.limit = query.count("limit", 50, 1, 500);
    out.before = query.saga("cursor");
    query.duration("wait", std::chrono::milliseconds(60'000));
    query.finish();
    asked = out;
  } catch (const rest::BadRequest& bad) {
    refused = bad.sentence;
  }
  response.set_content("{}", "application/json");
}

void ask(rest::Request request) {
  static rest::Router router;
  static const bool routed = [] {
    router.Get("/v1/sagas", read_query);
    return true;
  }();
  static const auto mailbox = std::make_shared<rest::Mailbox>();
  rest::Exchange exchange(std::make_shared<rest::Pending>(mailbox, 1));
  if (routed) router.serve(std::move(request), {"127.0.0.1", 1}, exchange);
  std::vector<rest::Message> messages;
  mailbox->take(messages);
  AMENDS_HOLDS(messages.size() == 1 && messages[0].answer, "a request is answered once");
}

std::vector<SagaId> ids_of(const SagaPage& page) {
  std::vector<SagaId> out;
  for (const SagaRow& row : page.rows) out.push_back(row.id);
  return out;
}

SagaPage listed(const Asked& what, StoreReader& store) {
  return what.ids ? page_within(*what.ids, store, what.before, what.limit)
                  : store.list(what.filter, what.before, what.limit);
}

void hold_lists(const Asked& what) {
  static Stores stores;
  AMENDS_HOLDS(what.limit >= 1 && what.limit <= 500, "a page has its length");
  const SagaPage one = listed(what, stores.memory), other = listed(what, *stores.sqlite);
  AMENDS_HOLDS(ids_of(one) == ids_of(other), "two stores find the same sagas");
  AMENDS_HOLDS(one.more == other.more, "and the same page after them");
  AMENDS_HOLDS(one.rows.size() <= what.limit, "a page keeps its length");
}

}  // namespace

AMENDS_FUZZ_TARGET(list_filters) {
  const auto head =
      rest::parse_head("GET /v1/sagas?" + std::string(input) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", {});
  const auto* request = std::get_if<rest::Request>(&head);
  if (request == nullptr) return;
  asked.reset();
  refused.clear();
  ask(*request);
  AMENDS_HOLDS(asked || !refused.empty(), "a query is read, or refused");
  AMENDS_HOLDS(is_sentence(refused, 400), "why it is refused is said in a short printable sentence");
  if (asked) hold_lists(*asked);
}

}  // namespace amends::fuzz
