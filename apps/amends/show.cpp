#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include "apps/amends/output.hpp"
#include "apps/amends/picture.hpp"
#include "apps/amends/source.hpp"

namespace amends::cli {

void add_show(CLI::App& app, Context& context) {
  auto id = std::make_shared<std::string>();
  CLI::App* show = app.add_subcommand("show", "Draw one saga: its steps, attempts, undos and time");
  show->add_option("id", *id, "the saga's id, or the beginning of only one")
      ->required()
      ->check(wrong_saga_id);
  show->callback([id, &context] {
    const auto source = open_source(context);
    const Json saga = source->saga(whole_id(*id, *source));
    if (context.output != Output::table) return print_one(saga, context.output);
    const auto now = std::chrono::time_point_cast<engine::Micros>(std::chrono::system_clock::now());
    std::fputs(saga_picture(saga, {.colour = context.colour, .ascii = context.ascii, .now = now}).c_str(),
               stdout);
  });
}

}  // namespace amends::cli
