// The smallest saga: write a card, then post it. A card that cannot be written is torn up; once written, it
// is posted.
#include <amends/workflow.hpp>
#include <string>

namespace {

using amends::Call;
using amends::Nothing;

struct Greeting {  // what a saga is started with
  std::string name, text;
  AMENDS_DATA(Greeting, name, text)
};
struct Card {  // what the desk answers
  std::string card_id;
  AMENDS_DATA(Card, card_id)
};

Call<Card> write_card(const Greeting& greeting) {
  return amends::http::post("desk", "/cards", {{"for", greeting.name}, {"text", greeting.text}});
}
// By name, not by card id: when the desk's answer was lost, nobody knows the id.
Call<Nothing> tear_up_card(const Greeting& greeting) {
  return amends::http::remove("desk", amends::path("/cards/{}", greeting.name));
}
Call<Nothing> post_card(const Card& card) {
  return amends::http::post("letterbox", "/letters", {{"card", card.card_id}});
}

void define(amends::Plan<Greeting>& plan) {
  auto greeting = plan.input();
  auto card =
      plan.reversible("write-card", write_card, greeting).undo("tear-up-card", tear_up_card, greeting);
  plan.retriable("post-card", post_card, card);
}

}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("hello", 1, define);
}
