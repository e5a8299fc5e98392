#include "apps/amends/next.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "apps/amends/output.hpp"
#include "apps/amends/picture_text.hpp"

namespace amends::cli {
namespace {

using engine::WallTime;

constexpr std::size_t waits_shown_max = 4;  // a fan-out waits for thousands

std::string paste_line(const Json& offer, const std::string& id) {
  const std::string verb = text_of(offer, "command");
  std::string out = "amends " + verb + " " + id;
  if (const std::string step = text_of(offer, "step"); !step.empty()) out += " " + step;
  if (verb == "resolve") out += offer.value("happened", false) ? " --done" : " --not-done";
  if (const std::string type = text_of(offer, "result_type"); !type.empty()) out += " --result '{}'";
  if (verb == "resolve") out += " --reason 'the evidence'";
  if (verb == "skip" || verb == "abandon") out += " --reason 'why'";
  if (const std::string type = text_of(offer, "result_type"); !type.empty())
    out += "   # the result is a " + type;
  return out;
}

// "charge-card: attempt 3 is in flight, for 12 s"; empty when nothing is to be awaited of it.
std::string awaited(const std::string& name, const Json& leg, WallTime now) {
  const auto attempts = number_of(leg, "attempts");
  if (leg.value("in_flight", false)) {
    const Json log = leg.value("log", Json::array());
    const auto sent = log.empty() ? std::nullopt : time_of(log.back(), "sent_at");
    return name + ": attempt " + std::to_string(attempts) + " is in flight" +
           (sent ? ", for " + roughly(std::max(now - *sent, engine::Micros(0))) : "");
  }
  const auto wake = time_of(leg, "wake_at");
  if (!wake) return {};
  return name + ": attempt " + std::to_string(attempts + 1) +
         (*wake > now ? " in " + roughly(*wake - now) : std::string(" now"));
}

// "undo free-seats once attempt 5 is past its Not-After, at 12:00:05"; empty when it does not wait for that.
std::string awaits_stray(const Json& step, const Json& undo, WallTime now) {
  const auto from = time_of(undo, "not_before");
  if (!from || *from < now || number_of(undo, "attempts") > 0) return {};
  return "undo " + text_of(undo, "name") + " once attempt " + std::to_string(number_of(step, "attempts")) +
         " is past its Not-After, at " + text_of(undo, "not_before").substr(11, 8);
}

// What the engine waits for, by itself.
std::vector<std::string> awaited(const Json& saga, WallTime now) {
  std::vector<std::string> out;
  bool in_doubt = false;
  std::set<std::string> behind;  // steps that need not be waited for any more
  for (const Json& step : saga.value("steps", Json::array())) {
    const std::string state = text_of(step, "state"), name = text_of(step, "name");
    if (state == "succeeded" || state == "skipped") behind.insert(name);
    const Json undo = step.value("undo", Json());
    std::string line = awaited(name, step, now);
    if (line.empty() && undo.is_object()) line = awaits_stray(step, undo, now);
    if (line.empty() && undo.is_object()) line = awaited(text_of(undo, "name"), undo, now);
    const Json after = step.value("after", Json::array());
    const bool ready = std::all_of(after.begin(), after.end(), [&](const Json& one) {
      return one.is_string() && behind.contains(one.get<std::string>());
    });
    if (line.empty() && ready && state == "pending" && text_of(saga, "state") == "running")
      line = name + ": its request is being prepared";
    in_doubt = in_doubt || step.value("in_doubt", false);
    if (!line.empty()) out.push_back(std::move(line));
  }
  if (out.empty() && in_doubt && text_of(saga, "state") == "compensating")
    out.push_back("an undo waits until the attempt in doubt can arrive no more");
  return out;
}

}  // namespace

std::string what_next(const Json& saga, WallTime now) {
  const std::string state = text_of(saga, "state");
  std::vector<std::string> waits;
  // Of a saga that is set aside nothing is sent, whatever its last row says is due.
  const bool moves = (state == "running" || state == "compensating") && !saga.contains("set_aside");
  if (moves) waits = awaited(saga, now);
  std::string out;
  for (std::size_t i = 0; i < waits.size() && i < waits_shown_max; ++i)
    out += (i == 0 ? "next: " : "      ") + waits[i] + "\n";
  if (waits.size() > waits_shown_max)
    out += "      and " + std::to_string(waits.size() - waits_shown_max) + " more\n";
  const char* label = out.empty() ? "next: " : "or:   ";
  for (const Json& offer : saga.value("next", Json::array())) {
    out += label + paste_line(offer, text_of(saga, "id")) + "\n";
    label = "      ";
  }
  return out;
}

}  // namespace amends::cli
