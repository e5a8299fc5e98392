#include "engine/service/requests.hpp"

#include <algorithm>

#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"

namespace amends::engine {
namespace {

// Clean UTF-8 without C0 controls and DEL.
bool is_plain(std::string_view text) {
  return is_clean_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

bool is_tag_name(std::string_view name) {
  return !name.empty() && name.size() <= tag_name_bytes_max &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
         });
}

std::string wrong_key(std::string_view key) {
  if (key.size() > key_bytes_max) return "a key has at most " + std::to_string(key_bytes_max) + " bytes";
  if (!is_plain(key)) return "a key is UTF-8 text without control characters";
  return {};
}

// Empty when they are good. Sorts them.
std::string wrong_tags(std::vector<Tag>& tags) {
  if (tags.size() > tags_max) return "a saga has at most " + std::to_string(tags_max) + " tags";
  std::sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (!is_tag_name(tags[i].name)) return "a tag's name is 1 to 64 of a-z, 0-9, '_', '.', '-'";
    if (i > 0 && tags[i - 1].name == tags[i].name) return "the tag '" + tags[i].name + "' is given twice";
    if (tags[i].value.size() > tag_value_bytes_max)
      return "the value of tag '" + tags[i].name + "' has more than " + std::to_string(tag_value_bytes_max) +
             " bytes";
    if (!is_plain(tags[i].value))
      return "the value of tag '" + tags[i].name + "' is UTF-8 text without control characters";
  }
  return {};
}

// The canonical text, or why there is none: a value built in this process did not come in by parse_json,
// which is the judge of what may be stored.
Answer<std::string> canonical_of(const Json& value, std::string_view what) {
  if (const std::string wrong = find_unstorable(value); !wrong.empty())
    return {ServiceError::invalid, std::string(what) + ": " + wrong, {}};
  std::string text = canonical(value);
  if (text.size() > input_bytes_max)
    return {ServiceError::invalid, std::string(what) + " has more than 1 MiB", {}};
  return {ServiceError::none, {}, std::move(text)};
}

void add(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

}  // namespace

std::string body_hash(std::optional<std::uint32_t> version, std::string_view input, std::vector<Tag> tags) {
  std::sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.name < b.name; });
  std::string text;
  add(text, version ? std::to_string(*version) : std::string());
  add(text, input);
  for (const Tag& tag : tags) {
    add(text, tag.name);
    add(text, tag.value);
  }
  return hex(sha256(text));
}

Answer<StartCall> check_start(const StartRequest& request, const PlanCatalog& catalog) {
  const auto invalid = [](std::string sentence) {
    return Answer<StartCall>{ServiceError::invalid, std::move(sentence), {}};
  };
  StartCall call;
  call.plan = catalog.find_plan(request.workflow, request.version);
  if (!call.plan) {
    const std::string name = "'" + escape_controls(shorten(request.workflow, 64)) + "'";
    if (request.version && catalog.find_plan(request.workflow, std::nullopt))
      return {ServiceError::unknown_version,
              "version " + std::to_string(*request.version) + " of workflow " + name + " is not loaded",
              {}};
    return {ServiceError::unknown_workflow, "workflow " + name + " is not loaded", {}};
  }
  call.key = request.key;
  if (std::string wrong = wrong_key(call.key); !wrong.empty()) return invalid(std::move(wrong));
  call.tags = request.tags;
  if (std::string wrong = wrong_tags(call.tags); !wrong.empty()) return invalid(std::move(wrong));
  auto input = canonical_of(request.input, "the input");
  if (!input.ok()) return invalid(std::move(input.sentence));
  if (std::string wrong = catalog.check_input(*call.plan, request.input); !wrong.empty())
    return invalid(std::move(wrong));
  call.input = std::move(input.value);
  if (!call.key.empty()) call.body_hash = body_hash(request.version, call.input, call.tags);
  return {ServiceError::none, {}, std::move(call)};
}

Answer<CommandCall> check_command(const CommandRequest& request) {
  const auto invalid = [](std::string sentence) {
    return Answer<CommandCall>{ServiceError::invalid, std::move(sentence), {}};
  };
  if (request.reason.size() > reason_bytes_max || !is_plain(request.reason))
    return invalid("a reason is at most 1024 bytes of UTF-8 text without control characters");
  if (request.actor.size() > tag_value_bytes_max || !is_plain(request.actor))
    return invalid("an actor is at most 256 bytes of UTF-8 text without control characters");
  if (request.step.size() > tag_name_bytes_max || !is_plain(request.step))
    return invalid("a step's name has at most 64 characters");
  if (request.result && request.verb != Verb::resolve) return invalid("only resolve takes a result");
  if (request.result && !request.happened) return invalid("a result belongs to a step that happened");
  CommandCall call;
  call.saga = request.saga;
  call.command.verb = request.verb;
  call.command.actor = request.actor;
  call.command.reason = request.reason;
  call.command.step = request.step;
  call.command.happened = request.happened;
  if (request.result) {
    auto result = canonical_of(*request.result, "the result");
    if (!result.ok()) return invalid(std::move(result.sentence));
    call.command.result = std::move(result.value);
  }
  return {ServiceError::none, {}, std::move(call)};
}

}  // namespace amends::engine
