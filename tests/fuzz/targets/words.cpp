// Small words from outside: ids, times, durations, addresses to listen at, keys of the barrier. Each has one
// reading.
#include "amends/barrier_rules.hpp"
#include "apps/amendsd/config/config.hpp"
#include "engine/base/rfc3339.hpp"
#include "engine/base/saga_id.hpp"
#include "engine/base/text.hpp"
#include "engine/journal/entry.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using namespace engine;

void hold_time(std::string_view text) {
  const auto at = parse_rfc3339(text);
  if (!at) return;
  const std::string written = rfc3339(*at);
  AMENDS_HOLDS(is_sentence(written, 40), "a time is written in few characters");
  AMENDS_HOLDS(parse_rfc3339(written) == at, "a time that was written is read again");
}

void hold_id(std::string_view text) {
  if (const auto id = SagaId::parse(text)) {
    AMENDS_HOLDS(id->text() == text, "an id has one text");
    AMENDS_HOLDS(id->shard() < shards_max, "an id names a shard");
  }
  const auto range = id_range(text);
  if (!range) return;
  AMENDS_HOLDS(range->from < range->below, "a range holds something");
  AMENDS_HOLDS(range->from.text().starts_with(text), "a range begins with what begins like that");
  if (range->below.text() == "ffffffff-ffff-ffff-ffff-ffffffffffff") return;  // the last of all ends with it
  AMENDS_HOLDS(!range->below.text().starts_with(text), "and ends before what does not");
}

void hold_text(std::string_view text) {
  const std::string shown = escape_controls(text);
  AMENDS_HOLDS(is_sentence(shown, 4 * text.size()), "what is shown can be shown");
  AMENDS_HOLDS(escape_controls(shown) == shown, "what can be shown is left as it is");
  for (const std::size_t bytes : {0u, 1u, 3u, 7u, 40u}) {
    const std::string cut = shorten(shown, bytes);
    AMENDS_HOLDS(cut.size() <= bytes && is_clean_utf8(cut),
                 "what is cut is short, and cut between characters");
  }
  for (std::size_t i = 0; i < text.size() && i < 16; ++i)
    if (is_clean_utf8(text.substr(0, i)) && is_clean_utf8(text.substr(i)))
      AMENDS_HOLDS(is_clean_utf8(text), "two clean texts make a clean one");
}

void hold_config_words(std::string_view text) {
  const auto time = daemon::parse_duration(text);
  AMENDS_HOLDS(!time || time->count() >= 0, "no duration is negative");
  daemon::ServerConfig before, server;
  if (!daemon::parse_listen(text, server)) {
    AMENDS_HOLDS(server.host == before.host && server.port == before.port,
                 "what cannot be read changes nothing");
    return;
  }
  daemon::ServerConfig again;
  AMENDS_HOLDS(daemon::parse_listen(server.host + ":" + std::to_string(server.port), again),
               "what was read is read again");
  AMENDS_HOLDS(again.host == server.host && again.port == server.port, "and is the same");
}

void hold_barrier_key(std::string_view text) {
  const auto call = parse_barrier_key(text);
  if (!call) return;
  AMENDS_HOLDS(call->revision >= 1 && !call->saga.empty() && !call->step.empty(), "a key has its parts");
  const std::string written = call->saga + "/" + call->step +
                              (call->direction == BarrierDirection::run ? "/run/" : "/undo/") +
                              std::to_string(call->revision);
  const auto again = parse_barrier_key(written);
  AMENDS_HOLDS(
      again && again->saga == call->saga && again->step == call->step && again->revision == call->revision,
      "a key that was written is read again");
}

}  // namespace

AMENDS_FUZZ_TARGET(words) {
  hold_time(input);
  hold_id(input);
  hold_text(input);
  hold_config_words(input);
  hold_barrier_key(input);
  for (const SagaState state : {SagaState::running, SagaState::abandoned})
    AMENDS_HOLDS(find_saga_state(name_of(state)) == state, "a name is found");
  if (const auto state = find_saga_state(input))
    AMENDS_HOLDS(name_of(*state) == input, "a state has one name");
  if (const auto state = find_step_state(input))
    AMENDS_HOLDS(name_of(*state) == input, "a step's state has one name");
  if (const auto verb = find_verb(input)) AMENDS_HOLDS(name_of(*verb) == input, "a verb has one name");
}

}  // namespace amends::fuzz
