#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/amends/context.hpp"
#include "apps/amends/output.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

void migrate(const Context& context, std::uint32_t shards) {
  if (context.store.empty()) throw Stop{Exit::usage, "which database? Give --store postgres://..."};
  const Migrated done = context.database.migrate(context.store, shards);
  if (done.refused) throw Stop{Exit::failed, engine::escape_controls(done.error)};
  if (!done.error.empty()) throw Stop{Exit::unavailable, engine::escape_controls(done.error)};
  if (context.output != Output::table) {
    print_one({{"from", done.from}, {"to", done.to}}, context.output);
  } else if (done.from == done.to) {
    std::printf("the schema has version %d already\n", done.to);
  } else {
    std::printf("the schema went from version %d to %d\n", done.from, done.to);
  }
}

}  // namespace

void add_db(CLI::App& app, Context& context) {
  CLI::App* db = app.add_subcommand("db", "prepares databases for Amends and for its steps");
  db->require_subcommand(1);
  db->fallthrough();

  CLI::App* migrating = db->add_subcommand(
      "migrate", "makes the tables of --store postgres://..., or brings older ones up to date");
  migrating->fallthrough();
  const auto shards = std::make_shared<std::uint32_t>(0);
  migrating
      ->add_option("--shards", *shards,
                   "of a new store: how many shards, 1 to 4096 (default 64); fixed from then on")
      ->check(CLI::Range(1u, 4096u))
      ->type_name("N");
  migrating->callback([&context, shards] { migrate(context, *shards); });

  struct Roles {
    std::string engine = "amends_engine", reader = "amends_reader", client;
  };
  const auto roles = std::make_shared<Roles>();
  CLI::App* granting =
      db->add_subcommand("grants", "prints the SQL that gives the roles of engines and readers their rights");
  granting->add_option("--engine", roles->engine, "the engines' role (default amends_engine)")
      ->type_name("ROLE");
  granting->add_option("--reader", roles->reader, "the readers' role (default amends_reader)")
      ->type_name("ROLE");
  granting->add_option("--client", roles->client, "also a role that starts sagas and gives commands from SQL")
      ->type_name("ROLE");
  granting->callback([&context, roles] {
    std::printf("%s", context.database.grants(roles->engine, roles->reader).c_str());
    if (!roles->client.empty()) std::printf("\n%s", context.database.client_grants(roles->client).c_str());
  });
  add_db_barrier(*db, context);
}

}  // namespace amends::cli
