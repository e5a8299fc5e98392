// amends, the command line. Names the stores that --store can read, and leaves the rest to the commands.
#include <filesystem>

#include "adapters/clock/system_clock.hpp"
#include "adapters/effect/sql/sql_adapter.hpp"
#include "adapters/store/postgres/grants.hpp"
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "apps/amends/cli.hpp"
#include "engine/base/text.hpp"
#include "engine/service/sharing.hpp"
#include "measure/bench_store.hpp"

namespace {

amends::engine::Json bench(const amends::cli::BenchWanted& wanted) {
  using namespace amends;
  try {
    return measure::bench_store(
        {wanted.store, wanted.database, wanted.seconds, wanted.live, wanted.keep, wanted.tell, wanted.warn});
  } catch (const measure::Refused& refused) {
    const bool usage = refused.why == measure::Refused::Why::usage;
    throw cli::Stop{usage ? cli::Exit::usage : cli::Exit::unavailable, refused.what()};
  } catch (const measure::Stopped&) {
    throw cli::Stop{cli::Exit::failed, "stopped before it was through"};
  } catch (const std::exception& e) {
    throw cli::Stop{cli::Exit::failed, engine::escape_controls(e.what())};
  }
}

using amends::cli::Exit;
using amends::cli::Stop;
namespace engine = amends::engine;

void take_over(engine::Store& store) {
  const engine::Opened taken = store.take_over("amends-verify", amends::engine::SystemClock().wall());
  if (!taken.writer) throw Stop{Exit::unavailable, engine::escape_controls(taken.error)};
}

// Nobody is fenced who lives. Whoever starts between this look and the take-over is: it writes nothing more,
// or we do not.
void refuse_beside_engines(amends::postgres::PostgresStore& store) {
  for (const engine::EngineRow& one : store.shared()->engines())
    if (one.alive)
      throw Stop{Exit::failed, "the engine '" + engine::escape_controls(one.engine_id) +
                                   "' is alive, or its lease still stands: stop all engines first"};
  if (const auto sessions = store.inspection()->other_sessions(); sessions > 1)  // one is this store's own
    throw Stop{Exit::failed, std::to_string(sessions - 1) +
                                 " more sessions of Amends are in this database: stop all engines first"};
}

std::unique_ptr<engine::Store> open_to_repair(const std::string& where) {
  using namespace amends;
  if (postgres::is_url(where)) {
    postgres::OpenedStore looking = postgres::PostgresStore::open(where, {.read_only = true});
    if (!looking.store) throw Stop{Exit::unavailable, looking.error};
    refuse_beside_engines(*looking.store);
    postgres::OpenedStore opened = postgres::PostgresStore::open(where);
    if (!opened.store) throw Stop{Exit::unavailable, opened.error};
    take_over(*opened.store);
    return std::move(opened.store);
  }
  if (!std::filesystem::exists(std::filesystem::path(where) / "amends.db"))
    throw Stop{Exit::unavailable, "there is no Amends store in " + engine::escape_controls(where)};
  sqlite::OpenedStore opened = sqlite::SqliteStore::open(where);
  if (!opened.store)
    throw Stop{opened.error_class == "in_use" ? Exit::failed : Exit::unavailable, opened.error};
  take_over(*opened.store);
  return std::move(opened.store);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace amends;
  cli::Context context;
  context.open_store = [](const std::string& dir) -> std::unique_ptr<engine::StoreReader> {
    if (postgres::is_url(dir)) {
      postgres::OpenedStore opened = postgres::PostgresStore::open(dir, {.read_only = true});
      if (!opened.store) throw cli::Stop{cli::Exit::unavailable, opened.error};
      return std::move(opened.store);
    }
    if (!std::filesystem::exists(std::filesystem::path(dir) / "amends.db"))
      throw cli::Stop{cli::Exit::unavailable, "there is no Amends store in " + engine::escape_controls(dir)};
    sqlite::OpenedStore opened = sqlite::SqliteStore::open(dir, {.read_only = true});
    if (!opened.store) throw cli::Stop{cli::Exit::unavailable, opened.error};
    return std::move(opened.store);
  };
  context.open_to_repair = open_to_repair;
  context.database.migrate = [](const std::string& url, std::uint32_t shards) -> cli::Migrated {
    std::optional<engine::ShardId> wanted;
    if (shards > 0) wanted = static_cast<engine::ShardId>(shards);
    const postgres::Migrated done = postgres::migrate(url, wanted);
    return {done.from, done.to, done.error, done.error_class == "shards_fixed"};
  };
  context.database.client_grants = postgres::client_grants;
  context.database.grants = postgres::grants;
  context.database.ensure_barrier = [](const std::string& url) -> cli::EnsuredBarrier {
    cli::EnsuredBarrier done;
    done.error = sql::ensure_barrier(url, &done.made);
    return done;
  };
  context.database.sharing = [open = context.open_store](const std::string& store) -> engine::Json {
    if (!postgres::is_url(store)) {
      open(store);  // or it says why it cannot be
      return engine::alone_view("");
    }
    postgres::OpenedStore opened = postgres::PostgresStore::open(store, {.read_only = true});
    if (!opened.store) throw cli::Stop{cli::Exit::unavailable, opened.error};
    return engine::sharing_view(*opened.store->shared());
  };
  context.bench = bench;
  context.database.barrier_sql = [](const std::string& dialect) { return sql::barrier_sql(dialect); };
  return cli::run(argc, argv, std::move(context));
}
