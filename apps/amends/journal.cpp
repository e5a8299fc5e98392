#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/amends/asked.hpp"
#include "apps/amends/output.hpp"
#include "apps/amends/source.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

// "attempt reserve-stock n=1 until=...": what an entry says, its kind and step first.
std::string sentence(const Json& entry) {
  std::string out = text_of(entry, "e");
  if (entry.contains("step")) out += " " + text_of(entry, "step");
  if (entry.contains("d")) out += " " + text_of(entry, "d");
  for (const auto& [name, value] : entry.items()) {
    if (name == "e" || name == "step" || name == "d") continue;
    const std::string text = value.is_string() ? value.get<std::string>() : engine::canonical(value);
    out += "  " + engine::escape_controls(name) + "=" + engine::escape_controls(engine::shorten(text, 120));
  }
  return out;
}

}  // namespace

void add_journal(CLI::App& app, Context& context) {
  auto id = std::make_shared<std::string>();
  CLI::App* journal = app.add_subcommand("journal", "Print everything that happened to one saga");
  journal->add_option("id", *id, "the saga's id")->required()->check(wrong_saga_id);
  journal->callback([id, &context] {
    check_saga_id(*id);
    const Json view = open_source(context)->journal(*id);
    if (context.output == Output::json) return print_json(view);
    if (context.output == Output::jsonl) return print_jsonl(view.at("rows"));
    std::vector<std::vector<std::string>> rows;
    for (const Json& row : view.at("rows")) {
      bool first = true;
      for (const Json& entry : row.value("entries", Json::array())) {
        rows.push_back({first ? text_of(row, "seq") : "", first ? text_of(row, "at") : "", sentence(entry)});
        first = false;
      }
      if (row.contains("damaged"))
        rows.push_back({text_of(row, "seq"), text_of(row, "at"), "damaged: " + text_of(row, "damaged")});
    }
    print_table({"SEQ", "AT", "ENTRY"}, rows);
  });
}

}  // namespace amends::cli
