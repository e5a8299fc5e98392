#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/amends/asked.hpp"
#include "apps/amends/output.hpp"
#include "apps/amends/source.hpp"

namespace amends::cli {

void add_list(CLI::App& app, Context& context) {
  auto query = std::make_shared<ListQuery>();
  CLI::App* list = app.add_subcommand("list", "List sagas, the newest first");
  list->add_option("--workflow", query->workflow, "only this workflow");
  list->add_option("--state", query->state,
                   "running, compensating, needs_operator, completed, compensated or abandoned")
      ->check(CLI::IsMember(
          {"running", "compensating", "needs_operator", "completed", "compensated", "abandoned"}));
  list->add_option("--key", query->key, "only the saga started with this key");
  list->add_option("--tag", query->tags, "only with this tag; may be given several times")
      ->type_name("NAME=VALUE")
      ->check(wrong_tag);
  list->add_option("--since", query->since, "started at or after this RFC 3339 time");
  list->add_option("--limit", query->limit, "at most so many (default 50)")->check(CLI::Range(1, 1'000'000));
  list->callback([query, &context] {
    check_state(query->state);
    check_time("--since", query->since);
    const Json sagas = open_source(context)->list(*query);
    if (context.output == Output::json) return print_json(sagas);
    if (context.output == Output::jsonl) return print_jsonl(sagas);
    if (sagas.empty()) {
      std::printf("no sagas\n");
      return;
    }
    std::vector<std::vector<std::string>> rows;
    for (const Json& saga : sagas)
      rows.push_back({text_of(saga, "id"), text_of(saga, "plan"),
                      paint_state(text_of(saga, "state"), context.colour), ago(text_of(saga, "created_at")),
                      text_of(saga, "key"), text_of(saga, "step"), text_of(saga, "error_class")});
    print_table({"ID", "PLAN", "STATE", "STARTED", "KEY", "STEP", "ERROR"}, rows);
  });
}

}  // namespace amends::cli
