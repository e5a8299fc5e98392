// amends bench: how many sagas a user's own database bears.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "apps/amends/context.hpp"
#include "apps/amends/output.hpp"

namespace amends::cli {
namespace {

std::string number(const Json& value, const char* format, const char* unit = "") {
  if (value.is_null()) return "-";
  char out[48];
  std::snprintf(out, sizeof out, format, value.get<double>());
  return std::string(out) + unit;
}

void print_report(const Json& report) {
  std::printf("%s: a durable commit takes %s ms, of which the disk takes %s ms\n\n",
              text_of(report, "store").c_str(), number(report.at("commit_ms"), "%.3f").c_str(),
              number(report.at("commit_disk_ms"), "%.3f").c_str());
  std::vector<std::vector<std::string>> rows;
  for (const Json& one : report.at("loads"))
    rows.push_back(
        {text_of(one, "live"), number(one.at("sagas_per_second"), "%.0f"),
         number(one.at("transitions_per_second"), "%.0f"), number(one.at("p50_ms"), "%.2f", " ms"),
         number(one.at("p99_ms"), "%.2f", " ms"), number(one.at("database_alone_sagas_per_second"), "%.0f"),
         number(one.at("rows_per_flush"), "%.0f"), number(one.at("engine_cpu_us"), "%.0f", " µs"),
         number(one.at("database_cpu_us"), "%.0f", " µs"), number(one.at("wal_bytes"), "%.0f", " B")});
  print_table({"LIVE", "SAGAS/S", "TRANSITIONS/S", "P50", "P99", "NO ENGINE", "ROWS/FLUSH", "ENGINE CPU",
               "DATABASE CPU", "WAL"},
              rows);
  std::printf("\n");
  for (const Json& sentence : report.at("conclusion"))
    std::printf("%s\n", sentence.get<std::string>().c_str());
  if (!report.at("kept").is_null()) std::printf("Kept: %s\n", text_of(report, "kept").c_str());
}

void bench(const Context& context, BenchWanted wanted, const std::vector<std::size_t>& more) {
  if (context.store.empty())
    throw Stop{Exit::usage, "which database? Give --store postgres://... or a directory"};
  wanted.store = context.store;
  wanted.live.insert(wanted.live.end(), more.begin(), more.end());
  std::sort(wanted.live.begin(), wanted.live.end());
  wanted.live.erase(std::unique(wanted.live.begin(), wanted.live.end()), wanted.live.end());
  wanted.tell = [&context](const std::string& what) {
    if (context.progress) std::fprintf(stderr, "measuring %s\n", what.c_str());
  };
  wanted.warn = [](const std::string& left) { std::fprintf(stderr, "amends: %s\n", left.c_str()); };
  const Json report = context.bench(wanted);
  context.output == Output::table ? print_report(report) : print_one(report, context.output);
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  struct Given {
    BenchWanted wanted;
    std::vector<std::size_t> more;
  };
  const auto given = std::make_shared<Given>();
  CLI::App* command = app.add_subcommand(
      "bench",
      "Measure how many sagas the database of --store bears, in a scratch database or folder beside it");
  command->add_option("--seconds", given->wanted.seconds, "for each load, 0.1 to 600 (default 5)")
      ->check(CLI::Range(0.1, 600.0));
  command->add_option("--live", given->more, "so many sagas at a time, beside 1, 32 and 256; may be repeated")
      ->check(CLI::Range(1, 10'000))
      ->take_all()
      ->type_name("N");
  command
      ->add_option("--database", given->wanted.database,
                   "use this empty database, for a role that may make none")
      ->type_name("NAME");
  command->add_flag("--keep", given->wanted.keep, "leave what was made, and name it");
  command->callback([&context, given] { bench(context, given->wanted, given->more); });
}

}  // namespace amends::cli
