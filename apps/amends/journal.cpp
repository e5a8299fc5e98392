#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/amends/journal_text.hpp"
#include "apps/amends/output.hpp"
#include "apps/amends/source.hpp"

namespace amends::cli {
void add_journal(CLI::App& app, Context& context) {
  auto id = std::make_shared<std::string>();
  CLI::App* journal = app.add_subcommand("journal", "Print everything that happened to one saga");
  journal->add_option("id", *id, "the saga's id, or the beginning of only one")
      ->required()
      ->check(wrong_saga_id);
  journal->callback([id, &context] {
    const auto source = open_source(context);
    const Json view = source->journal(whole_id(*id, *source));
    if (context.output == Output::json) return print_json(view);
    if (context.output == Output::jsonl) return print_jsonl(view.at("rows"));
    std::vector<std::vector<std::string>> rows;
    for (const Json& row : view.at("rows")) {
      const std::string seq = text_of(row, "seq"), at = text_of(row, "at");
      for (const Json& entry : row.value("entries", Json::array()))
        rows.push_back({seq, at, entry_step(entry), entry_sentence(entry)});
      if (row.contains("damaged")) rows.push_back({seq, at, "", "damaged: " + text_of(row, "damaged")});
    }
    print_table({"ROW", "AT", "STEP", "WHAT"}, rows);
  });
}

}  // namespace amends::cli
