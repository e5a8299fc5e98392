#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>

#include "apps/amends/asked.hpp"
#include "apps/amends/client.hpp"
#include "apps/amends/output.hpp"
#include "apps/amends/picture_text.hpp"
#include "apps/amends/sharing.hpp"
#include "apps/amends/source.hpp"
#include "engine/base/rfc3339.hpp"

namespace amends::cli {
namespace {

constexpr engine::Millis patience = std::chrono::minutes(5);
constexpr std::uint32_t sagas_examined_max = 2'000;  // of each state, older and newer
constexpr std::size_t sagas_named_max = 3;

class Doctor {
 public:
  explicit Doctor(Context& context) : context_(context) {}

  void run() {
    context_.store.empty() ? examine_daemon() : examine_store();
    if (context_.output != Output::table) print_one({{"checks", checks_}, {"ok", !found_}}, context_.output);
    if (found_) context_.exit = Exit::found;
  }

 private:
  void examine_daemon() {
    Client client(context_);
    say(client.call("GET", "/livez").status == 200, "the daemon answers",
        "the daemon does not answer /livez with 200");
    const Response ready = client.call("GET", "/readyz");
    say(ready.status == 200, "it takes starts", "it takes no starts: " + text_of(ready.json, "detail"));
    const Json workflows = client.get("/v1/workflows");
    say_workflows(workflows.at("workflows"));
    for (const Json& refusal : workflows.value("refused", Json::array()))
      say(false, "",
          "a plugin was refused: " + text_of(refusal, "plugin") + ": " + text_of(refusal, "reason"));
    const Json parked = client.get("/v1/sagas?state=needs_operator&limit=500");
    const std::size_t n = parked.at("sagas").size();
    say(n == 0, "no saga needs an operator",
        (n == 500 ? "500 or more sagas need" : counted(n, "saga needs", "sagas need")) +
            " an operator: amends list --state needs_operator");
    say_retention(client.call("GET", "/metrics").text);
    say_sharing();
    examine_moving();
  }

  void say_retention(const std::string& metrics) {
    const auto says = [&metrics](int value) {
      return metrics.find("\namends_retention_stuck " + std::to_string(value) + "\n") != std::string::npos;
    };
    if (says(0) || says(1))  // one of an older version says neither
      say(says(0), "finished sagas and old keys leave as configured",
          "finished sagas or old keys cannot leave: their archive or the store fails; the log says why");
  }

  void say_workflows(const Json& workflows) {
    std::size_t startable = 0;
    for (const Json& one : workflows) startable += one.contains("refused") ? 0 : 1;
    if (startable > 0 || workflows.empty())
      say(startable > 0, counted(startable, "workflow takes", "workflows take") + " starts",
          "no workflow is loaded");
    for (const Json& one : workflows)
      if (one.contains("refused")) say(false, "", "a workflow takes no starts: " + text_of(one, "refused"));
  }

  void examine_store() {
    const auto store = context_.open_store(context_.store);
    std::map<std::string, std::uint64_t> by_state;
    for (const engine::StateCount& count : store->counts()) by_state[count.state] += count.count;
    for (const auto& [state, count] : by_state)
      if (state != "needs_operator") say(true, counted(count, "saga is", "sagas are") + " " + state, "");
    const std::uint64_t parked = by_state["needs_operator"];
    say(parked == 0, "no saga needs an operator",
        counted(parked, "saga needs", "sagas need") + " an operator: amends --store " + context_.store +
            " list --state needs_operator");
    say(!store->plans().empty(),
        counted(store->plans().size(), "plan is", "plans are") + " known to the store",
        "the store knows no plan: no daemon has run on it");
    say_sharing();
    examine_moving();
  }

  void say_sharing() {
    for (const Check& one : examine_sharing(read_sharing(context_)))
      say(one.good, one.sentence, one.sentence, one.details);
  }

  // A participant that is down for long is known to nobody but the sagas that wait for it, and a plan that is
  // gone to nobody but those that are set aside.
  void examine_moving() {
    const auto source = open_source(context_);
    const auto now = std::chrono::time_point_cast<engine::Micros>(std::chrono::system_clock::now());
    const std::string bound = engine::rfc3339(now - patience);
    Json sagas = Json::array();
    bool more = false;
    for (const char* state : {"running", "compensating"})
      for (const ListQuery& query :
           {ListQuery{.state = state, .before = bound, .limit = sagas_examined_max},
            ListQuery{.state = state, .since = bound, .limit = sagas_examined_max}}) {
        const Json found = source->list(query);
        more = more || found.size() == query.limit;
        sagas.insert(sagas.end(), found.begin(), found.end());
      }
    if (more) say(true, "of the many sagas that are alive, some thousands were looked at", "");
    say_set_aside(sagas);
    say_asking(sagas, now);
  }

  void say_set_aside(const Json& sagas) {
    std::map<std::string, std::size_t> by_why;
    for (const Json& saga : sagas)
      if (is_set_aside(saga)) ++by_why[text_of(saga, "plan") + " (" + text_of(saga, "error_class") + ")"];
    std::vector<std::string> details;
    std::size_t all = 0;
    for (const auto& [why, count] : by_why) {
      all += count;
      if (details.size() < sagas_named_max) details.push_back(counted(count, "saga", "sagas") + " of " + why);
    }
    say(all == 0, "no saga is set aside",
        counted(all, "saga is", "sagas are") +
            " set aside, because the plan is not loaded or the journal cannot be read: load the plugin and "
            "its "
            "endpoints, or abandon them",
        details);
  }

  void say_asking(const Json& sagas, engine::WallTime now) {
    std::vector<std::pair<engine::WallTime, const Json*>> asking;
    for (const Json& saga : sagas)
      if (const auto since = time_of(saga, "asked_since"); since && *since < now - patience)
        asking.emplace_back(*since, &saga);
    std::sort(asking.begin(), asking.end());
    std::vector<std::string> details;
    for (std::size_t i = 0; i < asking.size() && i < sagas_named_max; ++i)
      details.push_back(asks_for_long(*asking[i].second, now - asking[i].first));
    say(asking.empty(), "no saga has asked for more than 5 minutes",
        counted(asking.size(), "saga has asked", "sagas have asked") +
            " for more than 5 minutes: see whether the participant is there; amends show ID says what may be "
            "done about one",
        details);
  }

  static bool is_set_aside(const Json& saga) {
    const std::string why = text_of(saga, "error_class");
    return why == "definition_missing" || why == "journal_unreadable";
  }

  static std::string asks_for_long(const Json& saga, engine::Micros span) {
    const std::string error_class = text_of(saga, "error_class");
    return text_of(saga, "id") + ": " + text_of(saga, "step") + " has asked '" + text_of(saga, "endpoint") +
           "' for " + roughly(span) + (error_class.empty() ? "" : " (" + error_class + ")");
  }

  void say(bool good, const std::string& when_good, const std::string& when_not,
           const std::vector<std::string>& details = {}) {
    const std::string& sentence = good ? when_good : when_not;
    checks_.push_back({{"ok", good}, {"sentence", sentence}});
    if (!details.empty()) checks_.back()["details"] = details;
    found_ = found_ || !good;
    if (context_.output == Output::table)
      std::printf("%s %s\n",
                  good ? paint("ok   ", "32", context_.colour).c_str()
                       : paint("found", "31", context_.colour).c_str(),
                  sentence.c_str());
    if (context_.output == Output::table)
      for (const std::string& detail : details) std::printf("        %s\n", detail.c_str());
  }

  Context& context_;
  Json checks_ = Json::array();
  bool found_ = false;
};

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  CLI::App* doctor = app.add_subcommand(
      "doctor", "Look for what an operator should know: exit code 3 when something was found");
  doctor->callback([&context] { Doctor(context).run(); });
}

}  // namespace amends::cli
