#include "apps/amends/journal_text.hpp"

#include "apps/amends/asked.hpp"
#include "apps/amends/output.hpp"
#include "apps/amends/picture_text.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

constexpr std::size_t error_bytes_max = 200;

// ": answered 422 (http_422)", or nothing.
std::string why(const Json& entry) {
  const std::string text = error_text(
      {{"class", entry.value("class", "")}, {"message", entry.value("error", "")}}, error_bytes_max);
  return text.empty() ? "" : ": " + text;
}

// "12:00:05.180123Z" of the RFC 3339 text in `member`: the day is the row's, or near it.
std::string time_of_day(const Json& entry, const char* member) {
  const std::string text = text_of(entry, member);
  const auto t = text.find('T');
  return t == std::string::npos ? text : text.substr(t + 1);
}

std::string attempt_number(const Json& entry) {
  return "attempt " + text_of(entry, "n");
}

std::string started(const Json& entry) {
  std::string out =
      "started " + text_of(entry, "plan") + ", " + counted(number_of(entry, "steps"), "step", "steps");
  if (entry.contains("key")) out += ", under the key " + text_of(entry, "key");
  return out;
}

std::string prepared(const Json& entry) {
  std::string out = "its request to '" + text_of(entry, "endpoint") + "' is fixed";
  if (entry.contains("rev")) out += ", in revision " + text_of(entry, "rev");
  return out;
}

std::string outcome(const Json& entry) {
  const std::string kind = text_of(entry, "e"), to = text_of(entry, "to");
  std::string out = attempt_number(entry) + ": " + kind;
  if (kind == "done" && to == "undo_empty") out += ", there was nothing to take back";
  if (kind == "transient") out += ", it did not happen";
  if (kind == "unknown") out += ", it may have happened";
  out += why(entry);
  if (entry.contains("uncounted")) out += "; it does not count";
  if (entry.contains("wake")) out += "; again at " + time_of_day(entry, "wake");
  if (to == "undo_failed") out += "; the undo has failed";
  return out;
}

std::string late(const Json& entry) {
  return "a late reply to " + attempt_number(entry) + ": " + text_of(entry, "o") + why(entry) + "; not used";
}

std::string step(const Json& entry) {
  return "now " + text_of(entry, "to") + why(entry) +
         (entry.contains("doubt") ? "; an earlier attempt may still have happened" : "");
}

std::string again(const Json& entry) {
  return "is tried anew with a full count of attempts" +
         (entry.contains("rev") ? ", under revision " + text_of(entry, "rev") + " of its key" : "");
}

std::string command(const Json& entry) {
  std::string out = text_of(entry, "verb");
  if (entry.contains("actor")) out += " by " + text_of(entry, "actor");
  if (entry.contains("reason")) out += ": " + text_of(entry, "reason");
  return out + "; " + text_of(entry, "answer");
}

// An entry of a later release: its kind and what it holds.
std::string anything(const Json& entry) {
  std::string out = text_of(entry, "e");
  for (const auto& [name, value] : entry.items()) {
    if (name == "e" || name == "step" || name == "d") continue;
    const std::string text = value.is_string() ? value.get<std::string>() : engine::canonical(value);
    out += "  " + engine::escape_controls(name) + "=" + engine::escape_controls(engine::shorten(text, 120));
  }
  return out;
}

}  // namespace

std::string entry_step(const Json& entry) {
  const std::string name = text_of(entry, "step");
  return text_of(entry, "d") == "undo" ? "undo of " + name : name;
}

std::string entry_sentence(const Json& entry) {
  const std::string kind = text_of(entry, "e");
  if (kind == "started") return started(entry);
  if (kind == "prepared") return prepared(entry);
  if (kind == "attempt") return attempt_number(entry) + ", good until " + time_of_day(entry, "until");
  if (kind == "done" || kind == "rejected" || kind == "transient" || kind == "unknown") return outcome(entry);
  if (kind == "late") return late(entry);
  if (kind == "step") return step(entry);
  if (kind == "again") return again(entry);
  if (kind == "saga") return "the saga is " + text_of(entry, "to") + why(entry);
  if (kind == "command") return command(entry);
  return anything(entry);
}

}  // namespace amends::cli
