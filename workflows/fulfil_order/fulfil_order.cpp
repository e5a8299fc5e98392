// From "placed" to "on its way". Charging the card is the point of no return: until then everything is
// undone, from then on everything is done.
#include <amends/workflow.hpp>
#include <string>

namespace fulfil_order {
namespace {

using namespace std::chrono_literals;
using amends::Call;
using amends::Lane;
using amends::Nothing;

// What is journalled.

struct Address {
  std::string name, street, postcode, city, country;
  AMENDS_DATA(Address, name, street, postcode, city, country)
};
struct Order {
  std::string order_id, customer_id, sku, email;
  int quantity = 0;
  std::int64_t total_cents = 0;
  Address address;
  AMENDS_DATA(Order, order_id, customer_id, sku, email, quantity, total_cents, address)
};
struct Reservation {
  std::string warehouse;
  AMENDS_DATA(Reservation, warehouse)
};
struct Assessment {
  int score = 0;
  AMENDS_DATA(Assessment, score)
};
struct Charge {
  std::string charge_id;
  AMENDS_DATA(Charge, charge_id)
};
struct Shipment {
  std::string tracking_code;
  AMENDS_DATA(Shipment, tracking_code)
};

// What to ask, given what is known.

Call<Reservation> reserve_stock(const Order& order) {
  return amends::http::post("inventory", "/reservations",
                            {{"order", order.order_id}, {"sku", order.sku}, {"quantity", order.quantity}});
}
// Reservations are kept by order id, so this works even when the reply to reserve_stock was lost.
Call<Nothing> release_stock(const Order& order) {
  return amends::http::remove("inventory", amends::path("/reservations/{}", order.order_id));
}
Call<Assessment> risk_check(const Order& order) {
  return amends::http::post(
      "risk", "/assessments",
      {{"order", order.order_id}, {"customer", order.customer_id}, {"total_cents", order.total_cents}});
}
Call<Charge> charge_card(const Order& order) {
  return amends::http::post("payments", "/charges",
                            {{"order", order.order_id}, {"amount_cents", order.total_cents}});
}
Call<Shipment> create_shipment(const Order& order, const Reservation& stock) {
  return amends::http::post(
      "shipping", "/shipments",
      {{"order", order.order_id}, {"from", stock.warehouse}, {"address", order.address}});
}
Call<Nothing> notify_customer(const Order& order, const Shipment& shipment) {
  return amends::http::post(
      "mail", "/messages",
      {{"order", order.order_id}, {"to", order.email}, {"tracking", shipment.tracking_code}});
}

// The plan. Back-offs are short because the sample's participants fail often and recover at once.

void define(amends::Plan<Order>& plan) {
  constexpr amends::Retry brisk{.delay_first = 100ms, .delay_max = 2s};
  constexpr amends::Retry driven{.delay_first = 100ms, .delay_max = 2s, .attempts_max = amends::forever};
  auto order = plan.input();

  auto [stock, risk] = plan.parallel(
      [&](Lane& lane) {
        return lane.reversible("reserve-stock", reserve_stock, order)
            .retry(brisk)
            .timeout(2s)
            .undo("release-stock", release_stock, order)
            .undo_retry(driven)
            .undo_timeout(2s);
      },
      [&](Lane& lane) { return lane.read("risk-check", risk_check, order).retry(brisk).timeout(2s); });

  plan.pivot("charge-card", charge_card, order).retry(driven).timeout(2s);
  auto shipment = plan.retriable("create-shipment", create_shipment, order, stock).retry(driven).timeout(2s);
  plan.retriable("notify-customer", notify_customer, order, shipment).retry(driven).timeout(2s);
}

}  // namespace
}  // namespace fulfil_order

AMENDS_PLUGIN(registry) {
  registry.add("fulfil-order", 1, fulfil_order::define);
}
