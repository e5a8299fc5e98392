#include "apps/amends/cli.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "apps/amends/asked.hpp"
#include "apps/amends/output.hpp"
#include "engine/base/saga_id.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

Output output_of(const std::string& name) {
  if (name == "table") return Output::table;
  if (name == "json") return Output::json;
  if (name == "jsonl") return Output::jsonl;
  throw Stop{Exit::usage, "--output is table, json or jsonl, not '" +
                              engine::escape_controls(engine::shorten(name, 64)) + "'"};
}

void declare(CLI::App& app, Context& context) {
  app.set_version_flag("--version", "amends 0.1.0");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--url", context.url, "where the daemon serves (default http://127.0.0.1:7425)")
      ->envname("AMENDS_URL");
  app.add_option("--store", context.store,
                 "read this store directly, with or without a daemon: a data directory or a postgres:// URL")
      ->type_name("DIR|URL");
  app.add_option_function<std::string>(
         "--output,-o", [&context](const std::string& name) { context.output = output_of(name); },
         "table, json or jsonl")
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
  add_verify(app, context);
  add_engines(app, context);
  add_bench(app, context);
  add_db(app, context);
}

// The library names neither the word that was typed nor the one that was meant.
Stop no_command(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  for (const std::string& word : app.remaining()) {
    if (word.empty() || word.front() == '-') continue;
    const std::string meant = nearest(word, names);
    return {Exit::usage,
            "there is no command '" + engine::escape_controls(engine::shorten(word, 64)) + "'" +
                (meant.empty() ? "; amends --help lists them" : "; did you mean '" + meant + "'?")};
  }
  return {Exit::usage, "say what to do; amends --help lists the commands"};
}

// The library lists what it could not place from the back, the option after its value.
Stop not_expected(const CLI::App& app, int argc, const char* const* argv) {
  const std::vector<std::string> left = app.remaining(true);
  std::vector<std::string> known;
  for (const CLI::App* at = &app; at != nullptr;) {
    for (const CLI::Option* option : at->get_options([](const CLI::Option* o) { return o->nonpositional(); }))
      known.push_back(option->get_name());
    const auto deeper = at->get_subcommands();
    at = deeper.empty() ? nullptr : deeper.front();
  }
  std::string word = left.empty() ? "" : left.back();
  for (int i = argc - 1; i > 0; --i)
    if (*argv[i] == '-' && std::find(left.begin(), left.end(), argv[i]) != left.end()) word = argv[i];
  const std::string meant = nearest(word, known);
  return {Exit::usage, "'" + engine::escape_controls(engine::shorten(word, 64)) + "' was not expected" +
                           (meant.empty() ? "; --help lists what is" : "; did you mean '" + meant + "'?")};
}

bool terminal_has_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0') && kind != nullptr &&
         *kind != '\0' && std::string_view(kind) != "dumb";
}

// What was printed may still sit in the buffer: a full disk or a closed pipe is found only now.
int printed(const Context& context) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return static_cast<int>(context.exit);
  std::fprintf(stderr, "amends: the output could not be written\n");
  return static_cast<int>(Exit::failed);
}

int end(const Stop& stop) {
  std::fprintf(stderr, "amends: %s\n", stop.sentence.c_str());
  return static_cast<int>(stop.code);
}

}  // namespace

std::string wrong_saga_id(const std::string& text) {
  if (engine::SagaId::parse(text) || engine::id_range(text)) return {};
  return "'" + engine::escape_controls(engine::shorten(text, 64)) +
         "' is not a saga's id, such as 0192d3a4-5b6c-7000-8000-000000000000, nor its first 6 characters or "
         "more";
}

std::string wrong_tag(const std::string& text) {
  const auto equals = text.find('=');
  return equals == std::string::npos || equals == 0 ? "a tag is NAME=VALUE" : "";
}

int run(int argc, const char* const* argv, Context context) {
  context.colour = terminal_has_colour();
  context.progress = ::isatty(STDERR_FILENO) == 1;
  CLI::App app{"amends starts, inspects and steers sagas.", "amends"};
  declare(app, context);
  try {
    app.parse(argc, argv);
    return printed(context);
  } catch (const CLI::ExtrasError&) {
    return end(not_expected(app, argc, argv));
  } catch (const CLI::ParseError& e) {
    if (app.get_subcommands().empty() && e.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError))
      return end(no_command(app));
    return app.exit(e) == 0 ? printed(context) : static_cast<int>(Exit::usage);
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
