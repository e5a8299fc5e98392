#include "apps/amends/cli.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "apps/amends/output.hpp"
#include "engine/base/saga_id.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

void declare(CLI::App& app, Context& context) {
  app.set_version_flag("--version", "amends 0.1.0");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--url", context.url, "where the daemon serves (default http://127.0.0.1:7425)")
      ->envname("AMENDS_URL");
  app.add_option("--store", context.store,
                 "read this store directly, with or without a daemon: a data directory or a postgres:// URL")
      ->type_name("DIR|URL");
  const std::map<std::string, Output> outputs{
      {"table", Output::table}, {"json", Output::json}, {"jsonl", Output::jsonl}};
  app.add_option("--output,-o", context.output, "table, json or jsonl")
      ->transform(CLI::CheckedTransformer(outputs).description(""))
      ->type_name("FORMAT");
  app.add_flag("--ascii", context.ascii, "no box-drawing characters");
  app.footer(
      "Exit codes: 0 ok, 1 failed, 2 usage, 3 a check found something, 4 not found, 5 not allowed, 6 "
      "unavailable.");
  add_start(app, context);
  add_list(app, context);
  add_show(app, context);
  add_journal(app, context);
  add_commands(app, context);
  add_rollback(app, context);
  add_workflows(app, context);
  add_check(app, context);
  add_doctor(app, context);
  add_db(app, context);
}

int end(const Stop& stop) {
  std::fprintf(stderr, "amends: %s\n", stop.sentence.c_str());
  return static_cast<int>(stop.code);
}

}  // namespace

std::string wrong_saga_id(const std::string& text) {
  if (engine::SagaId::parse(text)) return {};
  return "'" + engine::escape_controls(engine::shorten(text, 64)) +
         "' is not a saga's id, such as 0192d3a4-5b6c-7000-8000-000000000000";
}

std::string wrong_tag(const std::string& text) {
  const auto equals = text.find('=');
  return equals == std::string::npos || equals == 0 ? "a tag is NAME=VALUE" : "";
}

int run(int argc, const char* const* argv, Context context) {
  const char* no_colour = std::getenv("NO_COLOR");
  context.colour = ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
  context.progress = ::isatty(STDERR_FILENO) == 1;
  CLI::App app{"amends starts, inspects and steers sagas.", "amends"};
  declare(app, context);
  try {
    app.parse(argc, argv);
    return static_cast<int>(context.exit);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(Exit::usage);
  } catch (const Stop& stop) {
    return end(stop);
  } catch (const engine::StoreUnavailable& down) {
    return end({Exit::unavailable, engine::escape_controls(down.error)});
  } catch (const Json::exception&) {
    // Not our daemon, or not its version: its answer lacks what we read.
    return end({Exit::failed, "the answer is not what an amends daemon says; is --url right?"});
  }
}

}  // namespace amends::cli
