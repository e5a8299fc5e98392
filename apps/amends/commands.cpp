#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/amends/asked.hpp"
#include "apps/amends/client.hpp"
#include "apps/amends/output.hpp"
#include "apps/amends/source.hpp"

namespace amends::cli {
namespace {

struct Order {
  std::string id, step, reason, result;
  bool done = false, not_done = false;
};

void send(const Context& context, const std::string& verb, const Order& order) {
  if (!context.store.empty()) throw Stop{Exit::usage, "--store only reads; '" + verb + "' needs a daemon"};
  const std::string id = whole_id(order.id, *open_source(context));
  Json body{{"command", verb}, {"actor", operator_name()}};
  if (!order.step.empty()) body["step"] = order.step;
  if (!order.reason.empty()) body["reason"] = order.reason;
  if (verb == "resolve") {
    if (order.done == order.not_done) throw Stop{Exit::usage, "resolve needs one of --done and --not-done"};
    body["happened"] = order.done;
    if (!order.result.empty()) {
      engine::ParsedJson result = engine::parse_json(order.result);
      if (!result.ok()) throw Stop{Exit::usage, "--result is not JSON: " + result.error};
      body["result"] = std::move(result.value);
    }
  }
  const Json answer = Client(context).post("/v1/sagas/" + encoded(id) + "/commands", body);
  if (context.output != Output::table) return print_one(answer, context.output);
  const std::string said = text_of(answer, "answer");
  std::printf("%s: %s%s\n", verb.c_str(), said.c_str(),
              said == "remembered"
                  ? ": the point of no return is in doubt, the cancel counts if it was not passed"
                  : "");
}

CLI::App* declare(CLI::App& app, Context& context, const char* verb, const char* help,
                  std::shared_ptr<Order> order) {
  CLI::App* command = app.add_subcommand(verb, help);
  command->add_option("id", order->id, "the saga's id, or the beginning of only one")
      ->required()
      ->check(wrong_saga_id);
  command->add_option("--reason", order->reason, "why; kept in the journal");
  command->callback([&context, name = std::string(verb), order] { send(context, name, *order); });
  return command;
}

}  // namespace

void add_commands(CLI::App& app, Context& context) {
  declare(app, context, "cancel", "Undo what was done, if the point of no return was not passed",
          std::make_shared<Order>());
  const auto step_of = [&](const char* verb, const char* help) {
    auto order = std::make_shared<Order>();
    CLI::App* command = declare(app, context, verb, help, order);
    command->add_option("step", order->step, "a step's name; default the one that is stuck");
    return std::pair(command, order);
  };
  step_of("retry", "Try a step or its undo again, with a full count of attempts");
  step_of("skip", "Pass over the stuck step or undo; needs --reason")
      .first->get_option("--reason")
      ->required();
  const auto [resolve, order] =
      step_of("resolve", "Say with evidence what became of the stuck step; needs --reason");
  resolve->get_option("--reason")->required();
  resolve->add_flag("--done", order->done, "it happened");
  resolve->add_flag("--not-done", order->not_done, "it did not happen");
  resolve->add_option("--result", order->result, "with --done: what it returned")->type_name("JSON");
  CLI::App* abandon =
      declare(app, context, "abandon", "End the saga as it stands and undo nothing; needs --reason",
              std::make_shared<Order>());
  abandon->get_option("--reason")->required();
}

}  // namespace amends::cli
