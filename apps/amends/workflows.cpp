#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/amends/client.hpp"
#include "apps/amends/output.hpp"

namespace amends::cli {
namespace {

void say_refused(const Json& workflow) {
  if (workflow.contains("refused"))
    std::printf("\nit takes no starts: %s\n", text_of(workflow, "refused").c_str());
}

}  // namespace

void add_workflows(CLI::App& app, Context& context) {
  auto name = std::make_shared<std::string>();
  auto version = std::make_shared<std::uint32_t>(0);
  CLI::App* workflows =
      app.add_subcommand("workflows", "List the workflows a daemon has loaded, or draw one");
  workflows->add_option("name", *name, "draw this one");
  workflows->add_option("version", *version, "of this version; default the newest");
  workflows->callback([name, version, &context] {
    if (!context.store.empty()) throw Stop{Exit::usage, "--store has no plans; 'workflows' needs a daemon"};
    Client client(context);
    if (name->empty()) {
      const Json all = client.get("/v1/workflows");
      if (context.output == Output::json) return print_json(all);
      if (context.output == Output::jsonl) return print_jsonl(all.at("workflows"));
      std::vector<std::vector<std::string>> rows;
      for (const Json& one : all.at("workflows"))
        rows.push_back({text_of(one, "workflow"), text_of(one, "version"), text_of(one, "steps"),
                        text_of(one, "shape").substr(0, 12), one.contains("refused") ? "none" : "taken"});
      print_table({"WORKFLOW", "VERSION", "STEPS", "SHAPE", "STARTS"}, rows);
      for (const Json& one : all.at("workflows")) say_refused(one);
      return;
    }
    const std::string at = *version == 0 ? "latest" : std::to_string(*version);
    const Json one = client.get("/v1/workflows/" + encoded(*name) + "/" + at);
    if (context.output != Output::table) return print_one(one, context.output);
    // A picture has line ends, which text_of would escape; it was escaped where it was drawn.
    std::fputs(one.value("picture", "").c_str(), stdout);
    say_refused(one);
  });
}

}  // namespace amends::cli
