#include "workflows/host/convert.hpp"

#include <algorithm>

#include "engine/base/json.hpp"
#include "engine/definition/local.hpp"
#include "workflows/host/guarded.hpp"

namespace amends::engine {
namespace {

constexpr std::uint32_t attempts_before_pivot = 8, attempts_undo = 12;
static_assert(amends::forever == attempts_unlimited && amends::input_id == input_value);

// A local function has nobody to ask, and must not be called to find that out: it does what it says.
template <class Node>
void note_local(const Node& node, std::string& adapter, std::string& endpoint) {
  if (!node.local) return;
  adapter = local_adapter;
  endpoint = local_endpoint;
}

StepKind convert(amends::StepKind kind) {
  switch (kind) {
    case amends::StepKind::read: return StepKind::read;
    case amends::StepKind::reversible: return StepKind::reversible;
    case amends::StepKind::pivot: return StepKind::pivot;
    case amends::StepKind::retriable: return StepKind::retriable;
  }
  return StepKind::read;
}

RetryPolicy convert(const amends::Retry& retry, std::uint32_t attempts_default) {
  return {retry.delay_first, retry.delay_max, retry.attempts_max.value_or(attempts_default)};
}

bool is_good_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
}

// Learns what one function asks, from what it makes of sample values.
void rehearse_one(const amends::BuildRequest& build, const std::string& name, std::string& adapter,
                  std::string& endpoint, Rehearsal& into) {
  std::optional<amends::Request> request;
  if (auto thrown = guarded([&] { request = build(Values{.rehearsal = true}); })) {
    into.notes.push_back(name + " threw in the rehearsal, which has sample values: " + *thrown);
    return;
  }
  if (!is_good_name(request->adapter) || !is_good_name(request->endpoint)) {
    into.findings.push_back(
        name + " asks '" + clean_sentence(shorten(request->endpoint, 80)) +
        "', which is no endpoint's name (1 to 64 of a-z, A-Z, 0-9, '.', '_' and '-'; URLs stand in the "
        "configuration)");
    return;
  }
  adapter = request->adapter;
  endpoint = request->endpoint;
}

}  // namespace

std::vector<Step> convert(const Graph& graph) {
  std::vector<Step> out;
  for (const StepNode& node : graph.steps) {
    Step step;
    step.name = node.name;
    step.kind = convert(node.kind);
    step.result_type = node.result_type;
    step.result_is_nothing = node.result_is_nothing;
    step.after = node.after;
    step.uses = node.uses;
    step.timeout = node.timeout;
    step.retry = convert(
        node.retry, node.kind == amends::StepKind::retriable ? attempts_unlimited : attempts_before_pivot);
    note_local(node, step.adapter, step.endpoint);
    if (node.undo) {
      step.undo = UndoStep{.name = node.undo->name,
                           .uses = node.undo->uses,
                           .retry = convert(node.undo->retry, attempts_undo),
                           .timeout = node.undo->timeout,
                           .adapter = {},
                           .endpoint = {}};
      note_local(*node.undo, step.undo->adapter, step.undo->endpoint);
    }
    out.push_back(std::move(step));
  }
  return out;
}

Rehearsal rehearse(const Graph& graph, std::vector<Step>& steps, const AboutTo& about_to) {
  Rehearsal out;
  const auto rehearse_unless_local = [&](const auto& node, const std::string& name, auto& step) {
    if (node.local) return;
    about_to("in the rehearsal of " + name);
    rehearse_one(node.build, name, step.adapter, step.endpoint, out);
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const StepNode& node = graph.steps[i];
    const std::string run = "'" + node.name + "'";
    rehearse_unless_local(node, run, steps[i]);
    if (node.undo)
      rehearse_unless_local(*node.undo, "'" + node.undo->name + "' (undo of " + run + ")", *steps[i].undo);
  }
  return out;
}

Prepared encode_request(const amends::Request& request) {
  if (!is_good_name(request.adapter)) return PrepareError{"its request names no adapter"};
  if (!is_good_name(request.endpoint))
    return PrepareError{"its request asks '" + clean_sentence(shorten(request.endpoint, 80)) +
                        "', which is no endpoint's name"};
  // It will be read again from the journal, by the strict reader: better refused now than then.
  if (const std::string wrong = find_unstorable(request.body); !wrong.empty())
    return PrepareError{"its request cannot be journalled: " + clean_sentence(wrong)};
  std::string body;
  if (auto wrong = guarded([&] { body = canonical(request.body); }))
    return PrepareError{"its request is no JSON: " + *wrong};
  if (body.size() > request_bytes_max) return PrepareError{"its request is larger than 1 MiB"};
  return Request{request.adapter, request.endpoint, std::move(body)};
}

}  // namespace amends::engine
