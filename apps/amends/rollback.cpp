#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/amends/output.hpp"
#include "apps/amends/source.hpp"

namespace amends::cli {

void add_rollback(CLI::App& app, Context& context) {
  auto id = std::make_shared<std::string>();
  CLI::App* rollback = app.add_subcommand(
      "rollback", "Preview what cancelling now would undo, in which order; changes nothing");
  rollback->add_option("id", *id, "the saga's id, or the beginning of only one")
      ->required()
      ->check(wrong_saga_id);
  rollback->callback([id, &context] {
    const auto source = open_source(context);
    const Json preview = source->rollback(whole_id(*id, *source));
    if (context.output != Output::table) return print_one(preview, context.output);
    if (!preview.value("possible", false)) {
      std::printf("not possible: %s\n", text_of(preview, "why_not").c_str());
      context.exit = Exit::found;
      return;
    }
    std::vector<std::vector<std::string>> rows;
    for (const Json& undo : preview.at("undos"))
      rows.push_back({text_of(undo, "wave"), text_of(undo, "step"), text_of(undo, "undo"),
                      undo.value("may_not_have_happened", false)
                          ? "perhaps nothing to undo: its outcome is unknown"
                          : ""});
    if (rows.empty())
      std::printf("nothing to undo\n");
    else
      print_table({"ORDER", "STEP", "UNDO", "NOTE"}, rows);
  });
}

}  // namespace amends::cli
