// Three steps that change nothing anywhere: what remains is the engine. Once in this process, once over HTTP.
#include <amends/workflow.hpp>

#include "measure/three_steps.hpp"

namespace {

using amends::Call;
using amends::Nothing;
using amends::measure::local_next;
using amends::measure::local_step;
using amends::measure::local_three;
using amends::measure::Order;
using amends::measure::Token;

Call<Token> http_step(const Order& order) {
  return amends::http::post("bench", "/step", {{"order", order.order_id}, {"cents", order.cents}});
}
Call<Token> http_next(const Order& order, const Token& before) {
  return amends::http::post("bench", "/step", {{"order", order.order_id}, {"before", before.token}});
}

// Two steps that are taken back, since the third is refused.
Token refuse(const Token&) {
  throw amends::Refused("as the benchmark wants it");
}
void local_undo(const Order&) {}

void fail_three(amends::Plan<Order>& plan) {
  auto order = plan.input();
  auto first = plan.reversible("first", amends::local(local_step), order)
                   .undo("undo-first", amends::local(local_undo), order);
  auto second = plan.reversible("second", amends::local(local_next), first)
                    .undo("undo-second", amends::local(local_undo), order);
  plan.local("third", refuse, second);
}

void http_three(amends::Plan<Order>& plan) {
  auto order = plan.input();
  auto first = plan.retriable("first", http_step, order);
  auto second = plan.retriable("second", http_next, order, first);
  plan.retriable("third", http_next, order, second);
}

void hold(const Order&) {
  throw amends::Transient("as the benchmark wants it");
}
Call<Nothing> ask(const Order& order) {
  return amends::http::post("silent", "/ask", {{"order", order.order_id}});
}

// Waits for an hour after its first attempt.
void wait_long(amends::Plan<Order>& plan) {
  plan.retriable("hold", amends::local(hold), plan.input())
      .retry({.delay_first = std::chrono::hours(1), .delay_max = std::chrono::hours(1)});
}

// Tries again five to ten times a second, for ever.
void pulse(amends::Plan<Order>& plan) {
  plan.retriable("hold", amends::local(hold), plan.input())
      .retry({.delay_first = std::chrono::milliseconds(200), .delay_max = std::chrono::milliseconds(200)});
}

// Asked and never answered.
void wait_for_silence(amends::Plan<Order>& plan) {
  plan.retriable("ask", ask, plan.input()).timeout(std::chrono::minutes(10));
}

}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("bench-local3", 1, local_three);
  registry.add("bench-fail3", 1, fail_three);
  registry.add("bench-http3", 1, http_three);
  registry.add("bench-wait", 1, wait_long);
  registry.add("bench-pulse", 1, pulse);
  registry.add("bench-silent", 1, wait_for_silence);
}
