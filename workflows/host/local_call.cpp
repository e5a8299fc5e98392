#include "workflows/host/local_call.hpp"

#include <algorithm>
#include <optional>

#include "engine/base/json.hpp"
#include "engine/definition/local.hpp"
#include "workflows/host/convert.hpp"
#include "workflows/host/guarded.hpp"

namespace amends::engine {
namespace {

constexpr std::string_view head = R"({"arguments":[)", middle = R"(],"function":")", tail = "\"}";

struct Row {
  Outcome outcome;
  const char* error_class;
  const char* sentence;  // where the function itself says none
};

Row row_of(LocalEnding ending) {
  switch (ending) {
    case LocalEnding::returned: return {Outcome::done, "", ""};
    case LocalEnding::threw: return {Outcome::rejected, "threw", "the function threw"};
    case LocalEnding::threw_refused:
      return {Outcome::rejected, "threw_refused", "the function threw amends::Refused"};
    case LocalEnding::threw_transient:
      return {Outcome::transient, "threw_transient", "the function threw amends::Transient"};
    case LocalEnding::threw_unknown:
      return {Outcome::unknown, "threw_unknown", "the function threw amends::Unknown"};
    case LocalEnding::out_of_memory:
      return {Outcome::unknown, "out_of_memory", "the function ran out of memory"};
    case LocalEnding::arguments_unfit:
      return {Outcome::rejected, "arguments_unfit", "the function does not take its journalled arguments"};
    case LocalEnding::result_broken:
      return {Outcome::unknown, "result_broken", "the function's result cannot be journalled"};
  }
  return {Outcome::unknown, "result_broken", ""};
}

Reply reply_of(LocalEnding ending, const std::string& said) {
  const Row row = row_of(ending);
  Reply reply;
  reply.outcome = row.outcome;
  reply.error_class = row.error_class;
  reply.error = said.empty() ? row.sentence : clean_sentence(said);
  // Whether it speaks for the earlier attempts too, which may be in doubt.
  reply.answered = ending == LocalEnding::threw_refused;
  return reply;
}

// What dump() lets pass and the journal's reader would not: a NUL, and nesting. Few results can be either,
// and only those are read again.
std::string wrong_with(const std::string& result) {
  const auto brackets = std::ranges::count_if(result, [](char c) { return c == '[' || c == '{'; });
  if (brackets <= 64 && result.find("\\u0000") == std::string::npos) return {};
  return parse_json(result, {.bytes_max = result_bytes_max}).error;
}

Reply returned(LocalReply&& said) {
  if (said.text.size() > result_bytes_max) {
    Reply reply = reply_of(LocalEnding::result_broken, "the function's result is larger than 1 MiB");
    reply.error_class = "reply_too_large";
    return reply;
  }
  if (const std::string wrong = wrong_with(said.text); !wrong.empty())
    return reply_of(LocalEnding::result_broken, "the function's result cannot be journalled: " + wrong);
  Reply reply;
  reply.outcome = Outcome::done;
  reply.result = std::move(said.text);
  reply.answered = true;
  return reply;
}

}  // namespace

std::string function_name(std::string_view plan_id, std::string_view step) {
  return std::string(plan_id) + "/" + std::string(step);
}

Prepared write_call(const Plan& plan, std::string_view step, const LocalFunction& function,
                    const Known& known) {
  const auto fail = [&](const std::string& why) {
    return PrepareError{plan.workflow() + " v" + std::to_string(plan.version()) + ": '" + std::string(step) +
                        "' cannot be prepared: " + why};
  };
  // Canonical already, each of them, and within the strict reader's bounds: nothing is read here.
  std::string body(head);
  for (std::size_t i = 0; i < function.arguments.size(); ++i) {
    const StepId id = function.arguments[i];
    if (i > 0) body += ',';
    if (id == own_id) {
      body += '[';
      if (known.own_result != nullptr) body += *known.own_result;
      body += ']';
      continue;
    }
    const std::string* text = id == input_id              ? known.input
                              : id < known.results.size() ? known.results[id]
                                                          : nullptr;
    if (text == nullptr) return fail("argument " + std::to_string(i + 1) + " is not known yet");
    body += *text;
  }
  body += std::string(middle) + function_name(plan.id(), step) + std::string(tail);
  if (body.size() > request_bytes_max) return fail("its arguments are larger than 1 MiB");
  return Request{std::string(local_adapter), std::string(local_endpoint), std::move(body)};
}

FunctionCall read_call(const std::string& body) {
  // As write_call has written it, the body ends in the name and needs no document.
  if (body.starts_with(head) && body.ends_with(tail)) {
    const std::size_t end = body.size() - tail.size();
    const std::size_t name = body.rfind('"', end - 1) + 1;
    const std::size_t close = name - std::min(name, middle.size());  // the bracket behind the arguments
    if (close >= head.size() && body.compare(close, middle.size(), middle) == 0)
      return {body.substr(name, end - name), body.substr(head.size() - 1, close + 2 - head.size())};
  }
  Json call = Json::parse(body, nullptr, false);
  if (!call.is_object() || !call.contains("arguments") || !call.contains("function")) return {};
  if (!call["function"].is_string()) return {};
  return {call["function"].get<std::string>(), canonical(call["arguments"])};
}

Reply run_call(const LocalFunction& function, const Attempt& attempt, const FunctionCall& call) {
  LocalReply said;
  const amends::Attempt shown{attempt.key, attempt.number, attempt.timeout};
  // It throws nothing that is its author's: this is for what the frame around it runs out of.
  if (const auto thrown = guarded([&] { said = function.call(shown, call.arguments); }))
    return reply_of(LocalEnding::out_of_memory, *thrown);
  if (said.ending == LocalEnding::returned) return returned(std::move(said));
  Reply reply = reply_of(said.ending, said.text);
  reply.retry_after = said.retry_after;
  return reply;
}

Reply no_function(const std::string& name) {
  Reply reply;
  reply.outcome = Outcome::transient;
  reply.error_class = "unknown_function";
  reply.error =
      "no plugin that is loaded has the local function '" + clean_sentence(shorten(name, 200)) + "'";
  return reply;
}

}  // namespace amends::engine
