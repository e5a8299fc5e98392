#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "apps/amends/output.hpp"
#include "engine/base/text.hpp"
#include "engine/definition/picture.hpp"
#include "workflows/host/host.hpp"

namespace amends::cli {
namespace {

void check(const std::vector<std::string>& files, Context& context) {
  engine::Host host;
  for (const std::string& file : files)
    host.load(std::filesystem::absolute(file).lexically_normal().string());
  Json out = Json::array();
  std::size_t findings = host.refusals().size();
  for (const engine::Draft& draft : host.drafts()) {
    findings += draft.findings.size();
    const std::string drawn =
        engine::picture(draft.workflow, draft.version, draft.steps,
                        context.ascii ? engine::Glyphs::ascii : engine::Glyphs::unicode);
    out.push_back({{"plugin", draft.plugin},
                   {"workflow", draft.workflow},
                   {"version", draft.version},
                   {"findings", draft.findings},
                   {"notes", draft.notes}});
    if (context.output != Output::table) continue;
    std::printf("%s\n", drawn.c_str());
    for (const std::string& note : draft.notes)
      std::printf("%s %s\n", paint("note:", "33", context.colour).c_str(),
                  engine::escape_controls(note).c_str());
  }
  // A refusal repeats what the drafts found, with the plugin's path: it is what the daemon would log.
  for (const engine::Refusal& refusal : host.refusals()) {
    if (context.output == Output::table)
      std::printf("%s %s: %s\n", paint("finding:", "31", context.colour).c_str(),
                  engine::escape_controls(refusal.path).c_str(),
                  engine::escape_controls(refusal.reason).c_str());
    else
      out.push_back({{"plugin", refusal.path}, {"refused", refusal.reason}});
  }
  if (context.output == Output::json) print_json(out);
  if (context.output == Output::jsonl) print_jsonl(out);
  if (findings > 0)
    context.exit = Exit::found;
  else if (context.output == Output::table)
    std::printf("no findings\n");
}

}  // namespace

void add_check(CLI::App& app, Context& context) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      app.add_subcommand("check", "Load plugins as the daemon would, draw their plans, say what is wrong");
  command->add_option("plugin", *files, "plugin files (.so)")->required();
  command->callback([files, &context] { check(*files, context); });
}

}  // namespace amends::cli
