// What the four companies do: their tables and their routes. Nothing in here knows of sagas, duplicates or
// crashes; the barrier around it does.
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "amends/barrier.hpp"
#include "samples/participants/database.hpp"

namespace participants {

struct Order {
  std::string id;
  nlohmann::json body;   // null for an undo
  bool refused = false;  // the dice say that the business does not want this one
};

// Writes the effect and answers. Throws nlohmann::json::exception when the body lacks what it needs; what it
// wrote is then rolled back.
using Work = std::function<amends::BarrierAnswer(Database&, const Order&)>;

struct Route {
  std::string method;   // POST: the order's id stands in the body; DELETE: it is the path's last segment
  std::string pattern;  // a regular expression
  double refuse_rate = 0;
  Work work;
};

struct Business {
  const char* schema;
  std::vector<Route> routes;
};

// `kind` is inventory, payments, shipping or mail; anything else throws std::invalid_argument. `refuse_rate`
// is the share of orders that a route refuses; shipping and mail never refuse.
Business open_business(const std::string& kind, double refuse_rate);

}  // namespace participants
