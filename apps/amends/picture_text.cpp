#include "apps/amends/picture_text.hpp"

#include <algorithm>
#include <cstdio>

#include "apps/amends/next.hpp"
#include "apps/amends/output.hpp"
#include "engine/base/rfc3339.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

using engine::WallTime;

constexpr std::size_t footer_bytes_max = 200;

std::string cut_between_words(const std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::string cut = engine::shorten(text, bytes_max);
  const std::size_t space = cut.rfind(' ');
  return space == std::string::npos || space < bytes_max / 2 ? cut : cut.substr(0, space) + " ...";
}

std::string with_reason(std::string text, const Json& act) {
  if (const std::string reason = text_of(act, "reason"); !reason.empty()) text += ": " + reason;
  return text;
}

// The first command with this verb that was obeyed; null without one. Later ones found it done.
Json find_act(const Json& saga, const char* verb) {
  for (const Json& act : saga.value("acts", Json::array()))
    if (text_of(act, "verb") == verb) return act;
  return nullptr;
}

// The first or the last turn to `state`; null without one.
Json find_turn(const Json& saga, const char* state, bool first) {
  Json out;
  for (const Json& turn : saga.value("turns", Json::array())) {
    if (text_of(turn, "to") != state) continue;
    out = turn;
    if (first) break;
  }
  return out;
}

// "release-stock (undo of reserve-stock): answered 422 (http_422)".
std::string why(const Json& saga, const Json& turn) {
  if (text_of(turn, "class") == "cancelled") {
    const Json act = find_act(saga, "cancel");
    return with_reason(act.is_null() ? "it was cancelled" : act_text(act), act.is_null() ? turn : Json());
  }
  const std::string step = text_of(turn, "step"), undo = text_of(turn, "undo");
  std::string out = undo.empty() ? step : undo + " (undo of " + step + ")";
  if (!out.empty()) out += ": ";
  return out + error_text(turn, footer_bytes_max);
}

std::string because(const Json& saga) {
  const std::string state = text_of(saga, "state");
  const Json turned = find_turn(saga, "compensating", true);
  const Json stuck = find_turn(saga, "needs_operator", false);
  std::string out;
  if (state == "completed" || state == "running") return out;
  if (!turned.is_null()) out += "undone because " + why(saga, turned) + "\n";
  const bool was_stuck = state == "needs_operator" || state == "abandoned";
  if (was_stuck && !stuck.is_null()) out += "stuck because " + why(saga, stuck) + "\n";
  if (out.empty() && saga.contains("cause") && state != "abandoned")
    out = "because " + why(saga, saga["cause"]) + "\n";
  if (state == "abandoned") {
    const Json act = find_act(saga, "abandon");
    out += act.is_null() ? "abandoned\n" : act_text(act) + "\n";
  }
  return out;
}

std::string remembered(const Json& saga) {
  if (!saga.value("cancel_remembered", false)) return "";
  const Json act = find_act(saga, "cancel");
  return with_reason("cancel remembered" + (act.contains("actor") ? ", by " + text_of(act, "actor") : ""),
                     act) +
         "\n  it counts if the point of no return turns out not to have been passed\n";
}

// What nobody took back: the undo was passed over, or the saga was abandoned before it.
std::string left_standing(const Json& saga) {
  std::string out;
  const bool abandoned = text_of(saga, "state") == "abandoned";
  for (const Json& step : saga.value("steps", Json::array())) {
    const Json undo = step.value("undo", Json());
    if (!undo.is_object()) continue;
    const std::string state = text_of(step, "state");
    const bool stands = state == "succeeded" || state == "undoing" || state == "undo_failed";
    if (undo.value("skipped", false))
      out += "left standing: " + text_of(step, "name") +
             (undo.contains("act") ? " (" + act_text(undo["act"]) + ")" : "") + "\n";
    else if (abandoned && stands)
      out += "left standing: " + text_of(step, "name") + "\n";
  }
  return out;
}

std::string set_aside(const Json& saga, WallTime now) {
  return "set aside: " + text_of(saga, "plan") + " (shape " +
         text_of(saga["set_aside"], "shape").substr(0, 12) +
         ") is not loaded\n  load its plugin, and its endpoints, and the saga goes on by itself; until then "
         "nothing is sent\n" +
         what_next(saga, now);
}

}  // namespace

std::string lasted(engine::Micros span) {
  char out[32];
  const double ms = static_cast<double>(span.count()) / 1000;
  if (ms < 1000)
    std::snprintf(out, sizeof out, "%.1f ms", ms);
  else if (ms < 120'000)
    std::snprintf(out, sizeof out, "%.2f s", ms / 1000);
  else
    std::snprintf(out, sizeof out, "%.1f min", ms / 60'000);
  return out;
}

std::string roughly(engine::Micros span) {
  const std::int64_t seconds = (span.count() + 999'999) / 1'000'000;
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 3600) + " h";
}

std::optional<WallTime> time_of(const Json& object, const char* member) {
  return engine::parse_rfc3339(text_of(object, member));
}

bool is_over(const Json& saga) {
  const std::string state = text_of(saga, "state");
  return state == "completed" || state == "compensated" || state == "abandoned";
}

WallTime end_of(const Json& saga, const Drawing& drawing) {
  const WallTime start = time_of(saga, "created_at").value_or(WallTime{});
  const WallTime last = time_of(saga, "updated_at").value_or(start);
  return std::max(is_over(saga) ? last : std::max(last, drawing.now), start + engine::Micros(1));
}

std::string act_text(const Json& act) {
  const std::string verb = text_of(act, "verb");
  std::string out = verb == "skip"      ? "skipped"
                    : verb == "resolve" ? "resolved"
                    : verb == "retry"   ? "retried"
                    : verb == "abandon" ? "abandoned"
                    : verb == "cancel"  ? "cancelled"
                                        : verb;
  if (act.contains("actor")) out += " by " + text_of(act, "actor");
  return with_reason(std::move(out), act);
}

std::string error_text(const Json& error, std::size_t bytes_max) {
  const std::string message = cut_between_words(text_of(error, "message"), bytes_max);
  const std::string error_class = text_of(error, "class");
  if (message.empty()) return error_class;
  return error_class.empty() ? message : message + " (" + error_class + ")";
}

std::string picture_heading(const Json& saga, const Drawing& drawing) {
  const WallTime start = time_of(saga, "created_at").value_or(WallTime{});
  std::string out = text_of(saga, "plan") + "  " + paint_state(text_of(saga, "state"), drawing.colour) +
                    "  " + lasted(end_of(saga, drawing) - start) + (is_over(saga) ? "" : " so far");
  if (saga.contains("key")) out += "  key " + engine::shorten(text_of(saga, "key"), 80);
  out += "\n" + text_of(saga, "id") + "  started " + text_of(saga, "created_at") + "\n";
  const Json tags = saga.value("tags", Json::object());  // items() would outlive a temporary
  for (const auto& [tag, value] : tags.items())
    out += "tag " + engine::escape_controls(tag) + "=" +
           engine::escape_controls(value.is_string() ? value.get<std::string>() : value.dump()) + "\n";
  if (saga.contains("damaged"))
    out += paint("damaged: " + text_of(saga, "damaged"), "31", drawing.colour) + "\n";
  return out;
}

std::string picture_footer(const Json& saga, const Drawing& drawing) {
  const std::string text = saga.contains("set_aside") ? set_aside(saga, drawing.now)
                                                      : because(saga) + left_standing(saga) +
                                                            remembered(saga) + what_next(saga, drawing.now);
  return text.empty() ? "" : "\n" + text;
}

}  // namespace amends::cli
