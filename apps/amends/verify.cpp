// amends verify: whether a store holds what was promised, and what can be put right.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "apps/amends/asked.hpp"
#include "apps/amends/context.hpp"
#include "apps/amends/output.hpp"
#include "apps/amends/verify_text.hpp"
#include "engine/base/rfc3339.hpp"
#include "engine/base/text.hpp"
#include "engine/verify/repair.hpp"

namespace amends::cli {
namespace {

constexpr std::size_t kept_max = 10'000;  // of findings and of repairs, for -o json

struct Given {
  std::string saga, since;
  std::uint64_t limit = 0;
  bool repair = false, yes = false;
};

// Prints what is found as it is found; -o json gathers it.
class Told : public engine::VerifyListener {
 public:
  Told(const Context& context, bool repairs) : context_(context), repairs_(repairs) {}

  void found(const engine::Finding& finding) override {
    if (context_.output == Output::json) {
      if (findings_.size() < kept_max) findings_.push_back(finding_json(finding));
      return;
    }
    clear();
    if (context_.output == Output::jsonl)
      std::printf("%s\n", finding_json(finding).dump().c_str());
    else
      std::printf("%s\n", finding_text(finding).c_str());
  }

  void repairable(const engine::Repair& repair) override {
    if (!repairs_) return;
    if (context_.output == Output::json) {
      if (planned_.size() < kept_max) planned_.push_back(repair_json(repair));
      return;
    }
    clear();
    if (context_.output == Output::jsonl)
      std::printf("%s\n", repair_json(repair).dump().c_str());
    else
      std::printf("%s", repair_text(repair).c_str());
  }

  void page(const engine::VerifyTotals& totals) override {
    if (!context_.progress) return;
    const auto now = Clock::now();
    if (now - shown_ < std::chrono::milliseconds(200)) return;
    shown_ = now;
    const double seconds = std::chrono::duration<double>(now - began_).count();
    std::fprintf(stderr, "\r\x1b[K%llu sagas, %.0f sagas/s", static_cast<unsigned long long>(totals.sagas),
                 static_cast<double>(totals.sagas) / std::max(seconds, 0.001));
    std::fflush(stderr);
    drawn_ = true;
  }

  // The line of the progress, before anything else is said.
  void clear() {
    if (std::exchange(drawn_, false)) std::fprintf(stderr, "\r\x1b[K");
  }
  Json findings() { return std::move(findings_); }
  Json planned() { return std::move(planned_); }

 private:
  using Clock = std::chrono::steady_clock;
  const Context& context_;
  const bool repairs_;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point shown_{};
  bool drawn_ = false;
  Json findings_ = Json::array(), planned_ = Json::array();
};

engine::VerifyWanted wanted_of(const Given& given) {
  engine::VerifyWanted wanted;
  wanted.sagas_max = given.limit;
  check_time("--since", given.since);
  if (!given.since.empty()) wanted.since = engine::parse_rfc3339(given.since);
  if (given.saga.empty()) return wanted;
  wanted.saga = engine::SagaId::parse(given.saga);
  if (!wanted.saga)
    throw Stop{Exit::usage, "--saga takes a whole id, such as 0192d3a4-5b6c-7000-8000-000000000000"};
  return wanted;
}

struct Result {
  engine::VerifyTotals totals;
  std::uint64_t written = 0;
  std::optional<engine::VerifyTotals> again;  // after the repair
};

void tell_end(const Context& context, Told& told, const Result& result, const Given& given) {
  if (context.output == Output::jsonl) return;
  if (context.output == Output::json) {
    Json out = totals_json(result.totals);
    out["findings"] = told.findings();
    out["repairs"] = told.planned();
    out["repaired"] = result.written;
    out["after_repair"] = result.again ? totals_json(*result.again) : Json(nullptr);
    return print_json(out);
  }
  if (result.totals.cut_short) std::printf("stopped by --limit: there may be more sagas\n");
  if (result.again)
    std::printf("%s repaired, and everything was looked at again\n",
                counted(result.written, "row was", "rows were").c_str());
  else if (result.totals.repairs > 0)
    std::printf("%s a safe repair: %s\n", counted(result.totals.repairs, "row has", "rows have").c_str(),
                given.repair ? "with no engine running, --repair --yes writes it"
                             : "--repair shows it, --repair --yes writes it");
  std::printf("%s\n", totals_text(result.again ? *result.again : result.totals).c_str());
}

// Says nothing: the second look is for the last line.
struct Silent : engine::VerifyListener {
  void found(const engine::Finding&) override {}
};

Result run(const Context& context, Told& told, const engine::VerifyWanted& wanted, const Given& given) {
  Result result;
  if (!given.yes) {
    const auto store = context.open_store(context.store);
    result.totals = engine::StoreVerifier(*store, told).run(wanted);
    return result;
  }
  const auto store = context.open_to_repair(context.store);
  engine::Repairer repairer(*store, told);
  result.totals = engine::StoreVerifier(*store, repairer).run(wanted);
  result.written = repairer.written();
  if (result.written == 0) return result;
  Silent silent;
  result.again = engine::StoreVerifier(*store, silent).run(wanted);
  return result;
}

void verify(Context& context, const Given& given) {
  if (context.store.empty())
    throw Stop{Exit::usage, "which store? Give --store postgres://... or a data directory"};
  if (given.yes && !given.repair) throw Stop{Exit::usage, "--yes goes with --repair"};
  const engine::VerifyWanted wanted = wanted_of(given);
  Told told(context, given.repair);
  const Result result = run(context, told, wanted, given);
  told.clear();
  if (wanted.saga && result.totals.sagas == 0)
    throw Stop{Exit::not_found, "there is no saga " + engine::escape_controls(given.saga)};
  tell_end(context, told, result, given);
  if ((result.again ? *result.again : result.totals).findings > 0) context.exit = Exit::found;
}

}  // namespace

void add_verify(CLI::App& app, Context& context) {
  const auto given = std::make_shared<Given>();
  CLI::App* command = app.add_subcommand(
      "verify",
      "Check everything in --store: each journal is folded and decided again, and held against the rows");
  command->add_option("--saga", given->saga, "only this saga")->type_name("ID");
  command->add_option("--since", given->since, "only sagas started at or after this RFC 3339 time")
      ->type_name("TIME");
  command->add_option("--limit", given->limit, "at most so many sagas")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40))
      ->type_name("N");
  command->add_flag("--repair", given->repair,
                    "show what would be changed in which saga's row; the journal is never");
  command->add_flag("--yes", given->yes, "with --repair: write it; refused while an engine runs");
  command->callback([&context, given] { verify(context, *given); });
}

}  // namespace amends::cli
