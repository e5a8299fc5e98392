// A saga of three steps that change nothing anywhere: what remains is the engine and its store.
#pragma once
#include <amends/workflow.hpp>
#include <cstdint>
#include <string>

namespace amends::measure {

struct Order {
  std::string order_id, customer, note;
  std::int64_t cents = 0;
  AMENDS_DATA(Order, order_id, customer, note, cents)
};
struct Token {
  std::string token;
  AMENDS_DATA(Token, token)
};

inline Token local_step(const Order&) {
  return {"0123456789abcdef"};
}
inline Token local_next(const Token& before) {
  return before;
}

inline void local_three(amends::Plan<Order>& plan) {
  auto order = plan.input();
  auto first = plan.retriable("first", amends::local(local_step), order);
  auto second = plan.retriable("second", amends::local(local_next), first);
  plan.retriable("third", amends::local(local_next), second);
}

}  // namespace amends::measure
