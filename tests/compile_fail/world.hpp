// What the cases share: an input, a result, and step functions that are right.
#pragma once
#include <amends/workflow.hpp>
#include <string>

using amends::Call;
using amends::Lane;
using amends::Nothing;
using amends::Plan;

struct Order {
  std::string order_id;
  AMENDS_DATA(Order, order_id)
};
struct Hold {
  std::string hold_id;
  AMENDS_DATA(Hold, hold_id)
};

inline Call<Hold> reserve(const Order& order) {
  return amends::http::post("inventory", "/holds", {{"order", order.order_id}});
}
inline Call<Nothing> release(const Order& order) {
  return amends::http::remove("inventory", amends::path("/holds/{}", order.order_id));
}
inline Call<Nothing> ship(const Order&, const Hold& hold) {
  return amends::http::post("shipping", "/shipments", {{"hold", hold.hold_id}});
}
