#include "samples/participants/business.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace participants {
namespace {

using amends::BarrierAnswer;
using nlohmann::json;

// No table has a unique constraint: an effect that happened twice must show as two rows, not as an error.

BarrierAnswer refuse(int status, const char* why) {
  return {.rejected = true, .status = status, .body = json{{"detail", why}}.dump()};
}
BarrierAnswer created(const json& body) {
  return {.status = 201, .body = body.dump()};
}
std::string numbered(const char* format, std::int64_t number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, static_cast<long long>(number));
  return text.data();
}

// Inventory

constexpr const char* inventory_schema = R"sql(
create table if not exists reservations (order_id text not null, sku text not null, quantity integer not null,
  warehouse text not null, state text not null check (state in ('active', 'released')));
create index if not exists reservations_by_order on reservations (order_id);
create table if not exists releases (order_id text not null);
)sql";

BarrierAnswer reserve(Database& db, const Order& order) {
  constexpr std::array<const char*, 4> warehouses{"hamburg-1", "leipzig-2", "graz-1", "venlo-3"};
  const auto sku = order.body.at("sku").get<std::string>();
  const auto quantity = order.body.at("quantity").get<std::int64_t>();
  if (order.refused) return refuse(409, "out of stock");
  const char* warehouse = warehouses.at(std::hash<std::string>{}(sku) % warehouses.size());
  db.write("insert into reservations values (?1, ?2, ?3, ?4, 'active')",
           {order.id, sku, quantity, warehouse});
  return created({{"warehouse", warehouse}});
}

BarrierAnswer release(Database& db, const Order& order) {
  db.write("update reservations set state = 'released' where order_id = ?1", {order.id});
  db.write("insert into releases values (?1)", {order.id});
  return {};
}

// Payments, and the risk desk beside it

constexpr const char* payments_schema = R"sql(
create table if not exists assessments (order_id text not null, customer text not null, score integer not null);
create table if not exists charges (order_id text not null, amount_cents integer not null);
)sql";

BarrierAnswer assess(Database& db, const Order& order) {
  const auto customer = order.body.at("customer").get<std::string>();
  const auto total_cents = order.body.at("total_cents").get<std::int64_t>();
  if (order.refused) return refuse(422, "the risk is too high");
  const std::int64_t score = 5 + total_cents % 60;
  db.write("insert into assessments values (?1, ?2, ?3)", {order.id, customer, score});
  return created({{"score", score}});
}

BarrierAnswer charge(Database& db, const Order& order) {
  const auto amount_cents = order.body.at("amount_cents").get<std::int64_t>();
  if (order.refused) return refuse(402, "the card was declined");
  db.write("insert into charges values (?1, ?2)", {order.id, amount_cents});
  return created({{"charge_id", numbered("ch_%08llx", db.last_id())}});
}

// Shipping

constexpr const char* shipping_schema = R"sql(
create table if not exists shipments (order_id text not null, warehouse text not null, address text not null);
)sql";

BarrierAnswer ship(Database& db, const Order& order) {
  db.write("insert into shipments values (?1, ?2, ?3)",
           {order.id, order.body.at("from").get<std::string>(), order.body.at("address").dump()});
  return created({{"tracking_code", numbered("AM%09lldEU", db.last_id())}});
}

// Mail

constexpr const char* mail_schema = R"sql(
create table if not exists messages (order_id text not null, recipient text not null, tracking text not null);
)sql";

BarrierAnswer send_message(Database& db, const Order& order) {
  db.write("insert into messages values (?1, ?2, ?3)",
           {order.id, order.body.at("to").get<std::string>(), order.body.at("tracking").get<std::string>()});
  return {.status = 202, .body = "null"};
}

}  // namespace

Business open_business(const std::string& kind, double refuse_rate) {
  if (kind == "inventory")
    return {
        inventory_schema,
        {{"POST", "/reservations", refuse_rate, reserve}, {"DELETE", "/reservations/([^/]+)", 0, release}}};
  if (kind == "payments")
    return {payments_schema,
            {{"POST", "/assessments", refuse_rate, assess}, {"POST", "/charges", refuse_rate, charge}}};
  if (kind == "shipping") return {shipping_schema, {{"POST", "/shipments", 0, ship}}};
  if (kind == "mail") return {mail_schema, {{"POST", "/messages", 0, send_message}}};
  throw std::invalid_argument("no such participant: " + kind + " (inventory, payments, shipping or mail)");
}

}  // namespace participants
