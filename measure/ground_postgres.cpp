// A database beside a user's, on the same server: the name of the schema is fixed, that of a database is not.
#include <sys/types.h>

#include <cstdlib>

#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "engine/base/text.hpp"
#include "measure/ground.hpp"
#include "measure/postgres_link.hpp"
#include "measure/process_cpu.hpp"
#include "measure/raw_postgres.hpp"

namespace amends::measure {
namespace {

constexpr const char* not_allowed = "42501";  // insufficient_privilege

std::string said(const PostgresTrouble& trouble) {
  return engine::escape_controls(engine::shorten(trouble.what(), 300));
}

// The server's first process, when it is one of this machine that we can see.
std::optional<pid_t> find_server(Link& link) {
  const auto rows = link.ask(
      "select pg_backend_pid(), coalesce(inet_server_addr() <<= '127.0.0.0/8', true)"
      " or inet_server_addr() = '::1'");
  const auto backend = static_cast<pid_t>(std::atoi(rows[0][0].c_str()));
  if (rows[0][1] != "t") return {};
  const ProcessStat found = read_process(backend);
  if (found.name != "postgres" || read_process(found.parent).name != "postgres") return {};
  return found.parent;
}

// Where its data are, when that is a place on this machine and the role may know it.
std::string find_data_directory(Link& link) {
  const auto rows = link.ask("select setting from pg_settings where name = 'data_directory'");
  return rows.empty() ? "" : rows[0][0];
}

class PostgresGround final : public Ground {
 public:
  // `home` is where databases are made and dropped from; empty when `name` was there before.
  PostgresGround(std::string home, std::string own, std::string name, std::string shown)
      : home_(std::move(home)), own_(std::move(own)), name_(std::move(name)), shown_(std::move(shown)) {}
  ~PostgresGround() override { link_.reset(); }

  const std::string& shown() const override { return shown_; }
  const std::string& name() const override { return name_; }

  // Makes the tables. Throws Refused.
  void prepare() {
    const postgres::Migrated made = postgres::migrate(own_);
    if (made.from == 0 && made.to != 0) is_ours_ = true;
    if (!made.error.empty()) throw Refused(Refused::Why::unavailable, engine::escape_controls(made.error));
    // Between our look and now another one made a store here.
    if (!is_ours_) throw Refused(Refused::Why::usage, "the database " + name_ + " is somebody's store");
    link_ = std::make_unique<Link>(own_);
    server_ = find_server(*link_);
  }

  CommitCost measure_commit(const std::function<bool()>& stop_asked) override {
    link_->ask("create table amends.bench_commit (n integer not null)");
    const auto insert = [this] { link_->ask("insert into amends.bench_commit values (1)"); };
    insert();
    const double durable = median_ms(insert, stop_asked);
    link_->ask("set synchronous_commit = off");
    const double loose = median_ms(insert, stop_asked);
    link_->ask("reset synchronous_commit; drop table amends.bench_commit");
    return {durable, std::max(0.0, durable - loose)};
  }

  std::unique_ptr<engine::Store> open() override {
    link_->ask("truncate amends.saga, amends.journal cascade");
    auto opened = postgres::PostgresStore::open(own_);
    if (!opened.store) throw std::runtime_error(opened.error);
    return std::move(opened.store);
  }

  Ran write_raw(std::size_t live, const RawLimits& limits) override {
    return run_raw_postgres(own_, own_, live, limits);
  }

  Counted count() override {
    Counted out;
    if (server_) out.database_cpu_seconds = server_cpu_seconds(*server_);
    out.wal_bytes =
        std::atof(link_->ask("select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text")[0][0].c_str());
    return out;
  }

  std::string remove() override {
    link_.reset();
    if (removed_) return {};
    try {
      if (!home_.empty()) {
        Link(home_).ask(("drop database if exists " + name_ + " with (force)").c_str());
      } else if (is_ours_) {
        Link(own_).ask("drop schema amends cascade");
      }
    } catch (const PostgresTrouble& trouble) {
      return home_.empty() ? "the schema amends in the database " + name_ + " could not be dropped (" +
                                 said(trouble) + "); drop it there with: drop schema amends cascade"
                           : "the database " + name_ + " could not be dropped (" + said(trouble) +
                                 "); drop it with: drop database " + name_;
    }
    removed_ = true;
    return {};
  }

 private:
  const std::string home_, own_, name_, shown_;
  bool is_ours_ = false, removed_ = false;  // the tables were made by us; everything is gone
  std::unique_ptr<Link> link_;
  std::optional<pid_t> server_;
};

std::unique_ptr<PostgresGround> make_new(Link& home, const postgres::Address& address) {
  const std::string name = draw_name("amends_bench_");
  try {
    home.ask(("create database " + name + " encoding 'UTF8' template template0").c_str());
  } catch (const PostgresTrouble& trouble) {
    const std::string why = trouble.sqlstate == not_allowed
                                ? "this role may not create databases: give it the right with 'alter role "
                                  "... createdb', or make an "
                                  "empty database for it and name that with --database"
                                : "cannot create a database of its own: " + said(trouble);
    throw Refused(Refused::Why::unavailable, address.shown + ": " + why);
  }
  return std::make_unique<PostgresGround>(address.conninfo, with_database(address.conninfo, name), name,
                                          address.shown);
}

std::unique_ptr<PostgresGround> take_given(const std::string& database, const postgres::Address& address) {
  const std::string own = with_database(address.conninfo, database), name = engine::escape_controls(database);
  Link link(own);
  if (link.ask("select to_regnamespace('amends') is null")[0][0] != "t")
    throw Refused(Refused::Why::usage,
                  "the database " + name +
                      " has a schema 'amends', which may be somebody's store: name an empty "
                      "database");
  return std::make_unique<PostgresGround>("", own, name, address.shown);
}

}  // namespace

std::unique_ptr<Ground> make_postgres_ground(const std::string& url, const std::string& database,
                                             double seconds) {
  const postgres::Address address = postgres::read_address(url);
  if (!address.error.empty()) throw Refused(Refused::Why::usage, engine::escape_controls(address.error));
  try {
    std::unique_ptr<PostgresGround> out;
    {
      Link home(database.empty() ? address.conninfo : with_database(address.conninfo, database));
      if (find_server(home)) {
        const std::string shortage = find_shortage(find_data_directory(home), seconds);
        if (!shortage.empty()) throw Refused(Refused::Why::unavailable, shortage);
      }
      out = database.empty() ? make_new(home, address) : take_given(database, address);
    }
    try {
      out->prepare();
    } catch (...) {
      if (const std::string left = out->remove(); !left.empty())
        throw Refused(Refused::Why::unavailable, left);
      throw;
    }
    return out;
  } catch (const PostgresTrouble& trouble) {
    throw Refused(Refused::Why::unavailable, "cannot use " + address.shown + ": " + said(trouble));
  }
}

}  // namespace amends::measure
