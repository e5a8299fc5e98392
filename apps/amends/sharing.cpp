#include "apps/amends/sharing.hpp"

#include <algorithm>

#include "apps/amends/asked.hpp"
#include "apps/amends/output.hpp"
#include "apps/amends/picture_text.hpp"

namespace amends::cli {
namespace {

// A command is decided within a tenth of a second, and a free shard taken within a lease.
constexpr std::int64_t patience_ms = 10'000;
constexpr std::size_t named_max = 5;

std::string for_long(std::int64_t millis) {
  return roughly(engine::Millis(std::max<std::int64_t>(millis, 0)));
}

std::string named(const Json& engine) {
  const std::string address = text_of(engine, "address");
  return text_of(engine, "engine") + (address.empty() ? "" : ", at " + address);
}

Check check_alive(const Json& engines) {
  std::size_t alive = 0;
  std::string names, last;
  for (const Json& one : engines) {
    if (one.value("alive", false)) names += (alive++ == 0 ? "" : ", ") + text_of(one, "engine");
    last = std::max(last, text_of(one, "heard_at"));
  }
  if (alive > 0) return {true, counted(alive, "engine is", "engines are") + " alive: " + names};
  return {false, "no engine is alive" +
                     (last.empty() ? std::string() : ", the last was heard of " + ago(last)) +
                     ": every saga rests, and starts from SQL wait, until one is started"};
}

Check check_dead(const Json& engines) {
  Check out{true, "no engine has died in the last day"};
  std::size_t dead = 0;
  for (const Json& one : engines) {
    if (text_of(one, "state") != "dead") continue;
    ++dead;
    if (out.details.size() >= named_max) continue;
    const auto shards = number_of(one, "shards");
    out.details.push_back(
        named(one) + ": heard of " + ago(text_of(one, "heard_at")) +
        (shards > 0 ? "; it still owns " + counted(static_cast<std::size_t>(shards), "shard", "shards")
                    : ""));
  }
  if (dead == 0) return out;
  out.good = false;
  out.sentence =
      counted(dead, "engine is", "engines are") +
      " gone without having left: killed, hanging, or cut off from the database. The living take its "
      "shards once its lease is over; look why, and start it again under the same id";
  return out;
}

Check check_shards(const Json& sharing, bool any_alive) {
  const std::size_t all = sharing.at("shards").size(), free = number_of(sharing, "free");
  if (free == 0)
    return {true, "all " + counted(all, "shard has an owner", "shards have owners") + ", at most " +
                      text_of(sharing, "fair_share") + " to an engine"};
  const std::int64_t free_for = number_of(sharing, "free_for_ms");
  const std::string many = counted(free, "shard has", "shards have") + " no owner";
  const std::string since = free_for > 0 ? ", some for " + for_long(free_for) : "";
  if (any_alive && free_for < patience_ms) return {true, many + since + ": they are changing hands"};
  return {false,
          many + since +
              ": their sagas rest, and what is meant for them waits; engines that live take them within "
              "seconds, so start one, or see in the logs why they do not"};
}

Check check_commands(const Json& commands) {
  const auto waiting = number_of(commands, "waiting");
  const auto oldest = number_of(commands, "oldest_waits_ms");
  const Json unplanned = commands.value("unplanned", Json::array());
  if (waiting == 0) return {true, "no command waits for its owner"};
  Check out;
  out.sentence = counted(waiting, "command waits", "commands wait") +
                 " for the shard's owner, the oldest for " + for_long(oldest);
  out.good = oldest < patience_ms && unplanned.empty();
  if (out.good) return out;
  out.sentence +=
      ": starts from SQL and commands for other engines that nobody has decided; see that every shard has "
      "an owner (amends shards), and what the owners' logs say";
  for (const Json& one : unplanned)
    out.details.push_back(counted(number_of(one, "count"), "start", "starts") + " of " +
                          text_of(one, "workflow") +
                          (one.contains("version") ? " version " + text_of(one, "version") : "") +
                          ": no engine has ever had it; load its plugin, or correct whoever starts it");
  return out;
}

Check check_refused(const Json& commands) {
  const auto refused = number_of(commands, "refused");
  if (refused == 0) return {true, "no command from SQL was refused in the last hour"};
  Check out{
      false,
      counted(refused, "command was", "commands were") +
          " refused as invalid in the last hour: no saga came of such a start; correct whoever gives it"};
  for (const Json& one : commands.value("latest_refused", Json::array()))
    out.details.push_back(text_of(one, "command") + " of " + text_of(one, "saga") + ", " +
                          ago(text_of(one, "at")) + ": " + text_of(one, "detail"));
  return out;
}

}  // namespace

std::string lease_text(const Json& engine) {
  const auto left = number_of(engine, "lease_left_ms");
  if (left > 0) return std::to_string(left / 1000) + "." + std::to_string(left % 1000 / 100) + " s left";
  if (left < 0) return "over for " + for_long(-left);
  const std::string heard = text_of(engine, "heard_at");
  return heard.empty() ? "" : "heard of " + ago(heard);
}

std::vector<Check> examine_sharing(const Json& sharing) {
  if (!sharing.value("shared", false)) return {};
  const Json engines = sharing.at("engines"), commands = sharing.value("commands", Json::object());
  const Check alive = check_alive(engines);
  return {alive, check_dead(engines), check_shards(sharing, alive.good), check_commands(commands),
          check_refused(commands)};
}

}  // namespace amends::cli
