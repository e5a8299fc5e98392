// amends engines, amends shards: who owns what in a store that several engines share.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

#include "apps/amends/client.hpp"
#include "apps/amends/output.hpp"

namespace amends::cli {
namespace {

Json read_sharing(const Context& context) {
  return context.store.empty() ? Client(context).get("/v1/engines") : context.database.sharing(context.store);
}

// True when there is nothing to share: said, and the command ends well.
bool is_alone(const Json& sharing, const Context& context) {
  if (context.output != Output::table || !sharing.at("engines").empty()) return false;
  std::printf("one engine has this store alone: nothing is shared\n");
  return true;
}

void print_engines(const Context& context) {
  const Json sharing = read_sharing(context);
  if (context.output == Output::json) return print_json({{"engines", sharing.at("engines")}});
  if (context.output == Output::jsonl) return print_jsonl(sharing.at("engines"));
  if (is_alone(sharing, context)) return;
  std::map<std::string, std::uint64_t> live;
  for (const Json& shard : sharing.at("shards"))
    live[shard.value("engine", "")] += shard.at("live").get<std::uint64_t>();
  std::vector<std::vector<std::string>> rows;
  for (const Json& one : sharing.at("engines"))
    rows.push_back({text_of(one, "engine"), one.at("alive").get<bool>() ? "alive" : "gone",
                    text_of(one, "shards"), std::to_string(live[one.value("engine", "")]),
                    text_of(one, "epoch"), text_of(one, "writes_since"), text_of(one, "lease_until")});
  print_table({"ENGINE", "STATE", "SHARDS", "LIVE SAGAS", "EPOCH", "WRITES SINCE", "LEASE UNTIL"}, rows);
}

void print_shards(const Context& context) {
  const Json sharing = read_sharing(context);
  if (context.output == Output::json) return print_json({{"shards", sharing.at("shards")}});
  if (context.output == Output::jsonl) return print_jsonl(sharing.at("shards"));
  if (is_alone(sharing, context)) return;
  std::vector<std::vector<std::string>> rows;
  for (const Json& one : sharing.at("shards"))
    rows.push_back({text_of(one, "shard"), one.contains("engine") ? text_of(one, "engine") : "(nobody)",
                    text_of(one, "live")});
  print_table({"SHARD", "ENGINE", "LIVE SAGAS"}, rows);
}

}  // namespace

void add_engines(CLI::App& app, Context& context) {
  app.add_subcommand("engines", "List the engines that share a store, and whether they are alive")
      ->callback([&context] { print_engines(context); });
  app.add_subcommand("shards", "List the shards of a shared store, and who owns each")->callback([&context] {
    print_shards(context);
  });
}

}  // namespace amends::cli
