#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/amends/context.hpp"
#include "apps/amends/output.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

struct Options {
  std::string url, print;
};

void make(const Context& context, const std::string& url) {
  const EnsuredBarrier ensured = context.database.ensure_barrier(url);
  if (!ensured.error.empty())
    throw Stop{Exit::unavailable,
               "the barrier's table was not made: " + engine::escape_controls(ensured.error)};
  if (context.output != Output::table)
    print_one({{"table", "amends_barrier"}, {"made", ensured.made}}, context.output);
  else
    std::puts(ensured.made ? "the table amends_barrier was made"
                           : "the table amends_barrier was there already");
}

}  // namespace

void add_db_barrier(CLI::App& db, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* barrier = db.add_subcommand("barrier", "makes the barrier's table in a participant's database");
  barrier->fallthrough();
  CLI::Option* url =
      barrier
          ->add_option("--endpoint-url", options->url,
                       "postgres://user@host/database or sqlite:/path, as a role that may make tables")
          ->type_name("URL");
  CLI::Option* print =
      barrier->add_option("--print", options->print, "print the SQL instead: postgres or sqlite")
          ->check(CLI::IsMember({"postgres", "sqlite"}))
          ->type_name("DATABASE");
  url->excludes(print);
  barrier->callback([&context, options] {
    if (!options->print.empty())
      std::printf("%s", context.database.barrier_sql(options->print).c_str());
    else if (!options->url.empty())
      make(context, options->url);
    else
      throw Stop{Exit::usage, "which database? Give --endpoint-url, or --print postgres"};
  });
}

}  // namespace amends::cli
