// amends engines, amends shards: who owns what in a store that several engines share.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

#include "apps/amends/client.hpp"
#include "apps/amends/output.hpp"
#include "apps/amends/sharing.hpp"

namespace amends::cli {
namespace {

// True when no engine is known: said, and the command ends well.
bool is_unknown(const Json& sharing, const Context& context) {
  if (context.output != Output::table || !sharing.at("engines").empty()) return false;
  std::printf(sharing.value("shared", false) ? "no engine has been on this store in the last day\n"
                                             : "one engine has this store alone: nothing is shared\n");
  return true;
}

std::string schema_of(const Json& engine) {
  const Json schema = engine.value("schema", Json::object());
  if (!schema.contains("newest")) return "";
  const std::string oldest = text_of(schema, "oldest"), newest = text_of(schema, "newest");
  return oldest == newest ? newest : oldest + "-" + newest;
}

void print_engines(const Context& context) {
  const Json sharing = read_sharing(context);
  if (context.output == Output::json) return print_json({{"engines", sharing.at("engines")}});
  if (context.output == Output::jsonl) return print_jsonl(sharing.at("engines"));
  if (is_unknown(sharing, context)) return;
  std::map<std::string, std::uint64_t> live;
  for (const Json& shard : sharing.at("shards")) live[shard.value("engine", "")] += number_of(shard, "live");
  const bool shared = sharing.value("shared", false);
  std::vector<std::vector<std::string>> rows;
  for (const Json& one : sharing.at("engines"))
    rows.push_back({text_of(one, "engine"), text_of(one, "state"), text_of(one, "address"),
                    text_of(one, "shards"), shared ? std::to_string(live[one.value("engine", "")]) : "",
                    text_of(one, "version"), schema_of(one), text_of(one, "epoch"), text_of(one, "backend"),
                    text_of(one, "writes_since"), lease_text(one)});
  print_table({"ENGINE", "STATE", "ADDRESS", "SHARDS", "LIVE SAGAS", "VERSION", "SCHEMA", "EPOCH", "BACKEND",
               "WRITES SINCE", "LEASE"},
              rows);
}

void print_shards(const Context& context) {
  const Json sharing = read_sharing(context);
  if (context.output == Output::json) return print_json({{"shards", sharing.at("shards")}});
  if (context.output == Output::jsonl) return print_jsonl(sharing.at("shards"));
  if (sharing.at("shards").empty() && is_unknown(sharing, context)) return;
  std::vector<std::vector<std::string>> rows;
  for (const Json& one : sharing.at("shards"))
    rows.push_back({text_of(one, "shard"), one.contains("engine") ? text_of(one, "engine") : "(nobody)",
                    text_of(one, "live")});
  print_table({"SHARD", "ENGINE", "LIVE SAGAS"}, rows);
}

}  // namespace

Json read_sharing(const Context& context) {
  return context.store.empty() ? Client(context).get("/v1/engines") : context.database.sharing(context.store);
}

void add_engines(CLI::App& app, Context& context) {
  app.add_subcommand("engines",
                     "List the engines of a store: which are alive, where they serve, what they own")
      ->callback([&context] { print_engines(context); });
  app.add_subcommand("shards", "List the shards of a shared store, and who owns each")->callback([&context] {
    print_shards(context);
  });
}

}  // namespace amends::cli
