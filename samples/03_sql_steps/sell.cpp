// A sale, as SQL in two databases: the shop's holds the stock and the sales, the bank's the accounts. No
// service stands before either.
#include <amends/workflow.hpp>
#include <string>

namespace {

using amends::Call;
using amends::Nothing;
namespace sql = amends::sql;

struct Sale {  // what a saga is started with
  std::string order_id, sku, account;
  int quantity = 1;
  AMENDS_DATA(Sale, order_id, sku, account, quantity)
};
struct Hold {  // the row that hold-stock returns
  std::string sku;
  int price_cents = 0;
  AMENDS_DATA(Hold, sku, price_cents)
};
struct Entry {
  int cents = 0;
  AMENDS_DATA(Entry, cents)
};
struct Payment {  // take-money is two statements; each answers under its name
  Entry entry;
  AMENDS_DATA(Payment, entry)
};

// Where too little is free no row is touched, and one() says no: nothing was held, and there is nothing to
// undo.
Call<Hold> hold_stock(const Sale& sale) {
  return sql::one(
      "shop", "update stock set free = free - $2 where sku = $1 and free >= $2 returning sku, price_cents",
      {sale.sku, sale.quantity});
}
Call<Nothing> release_stock(const Sale& sale) {
  return sql::exec("shop", "update stock set free = free + $2 where sku = $1", {sale.sku, sale.quantity},
                   sql::exactly(1));
}

// Both or neither. An account without the money is touched by no row.
Call<Payment> take_money(const Sale& sale, const Hold& hold) {
  const int cents = hold.price_cents * sale.quantity;
  return sql::transaction(
      "bank",
      {sql::statement("account", "update account set cents = cents - $2 where id = $1 and cents >= $2",
                      {sale.account, cents})
           .expect(sql::exactly(1)),
       sql::statement("entry",
                      "insert into entry (order_id, account, cents) values ($1, $2, $3) returning cents",
                      {sale.order_id, sale.account, cents})
           .one()});
}

Call<Nothing> book_sale(const Sale& sale, const Payment& payment) {
  return sql::exec("shop", "insert into sale (order_id, sku, quantity, cents) values ($1, $2, $3, $4)",
                   {sale.order_id, sale.sku, sale.quantity, payment.entry.cents});
}

void define(amends::Plan<Sale>& plan) {
  auto sale = plan.input();
  auto hold = plan.reversible("hold-stock", hold_stock, sale).undo("release-stock", release_stock, sale);
  auto payment = plan.pivot("take-money", take_money, sale, hold);
  plan.retriable("book-sale", book_sale, sale, payment);
}

}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("sell", 1, define);
}
