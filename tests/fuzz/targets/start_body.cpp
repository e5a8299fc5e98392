// A start and a command as clients send them, up to what the engine takes: checked twice is checked once.
#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"
#include "engine/service/requests.hpp"
#include "tests/fuzz/bytes.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using namespace engine;

class OnePlan final : public PlanCatalog {
 public:
  OnePlan() {
    std::vector<Step> steps(1);
    steps[0].name = "look";
    plan_ = std::make_shared<const Plan>("order", 1, "Input{}", std::move(steps));
  }
  PlanPtr find_plan(std::string_view workflow, std::optional<std::uint32_t> version) const override {
    return workflow == "order" && version.value_or(1) == 1 ? plan_ : nullptr;
  }
  std::vector<PlanPtr> plans() const override { return {plan_}; }
  std::string check_input(const Plan&, const Json&) const override { return {}; }

 private:
  PlanPtr plan_;
};

void hold_start(Bytes& bytes, const Json& value) {
  static const OnePlan catalog;
  StartRequest request{bytes.pick(8) == 0 ? bytes.text() : "order", {}, bytes.text(), value, {}};
  if (bytes.flag()) request.version = static_cast<std::uint32_t>(bytes.pick(3));
  for (std::size_t left = bytes.pick(4); left > 0; --left)
    request.tags.push_back({bytes.text(), bytes.text()});
  const auto call = check_start(request, catalog);
  AMENDS_HOLDS(is_sentence(call.sentence, 600), "why it cannot start is said in a printable sentence");
  AMENDS_HOLDS(call.ok() == call.sentence.empty(), "a start is taken, or it is said why not");
  if (!call.ok()) return;
  AMENDS_HOLDS(call.value.key.size() <= key_bytes_max && is_clean_utf8(call.value.key),
               "a key is bounded text");
  const auto input = parse_json(call.value.input, {.depth_max = 64, .bytes_max = input_bytes_max});
  AMENDS_HOLDS(input.ok() && input.value == value, "the input is stored as it was sent");
  std::reverse(request.tags.begin(), request.tags.end());
  const auto again = check_start(request, catalog);
  AMENDS_HOLDS(again.ok() && again.value.body_hash == call.value.body_hash,
               "the order of tags makes no other start");
}

void hold_command(Bytes& bytes, const Json& value) {
  CommandRequest request;
  request.verb = static_cast<Verb>(bytes.pick(5));
  request.actor = bytes.text();
  request.reason = bytes.text();
  request.step = bytes.text();
  request.happened = bytes.flag();
  if (bytes.flag()) request.result = value;
  const auto call = check_command(request);
  AMENDS_HOLDS(is_sentence(call.sentence, 600), "why it cannot be given is said in a printable sentence");
  if (!call.ok()) return;
  AMENDS_HOLDS(is_sentence(call.value.command.actor, tag_value_bytes_max) &&
                   is_sentence(call.value.command.reason, reason_bytes_max),
               "what people will read can be printed");
  if (call.value.command.result)
    AMENDS_HOLDS(parse_json(*call.value.command.result).ok(), "a result is JSON");
}

}  // namespace

// A JSON text on the first line, then the rest.
AMENDS_FUZZ_TARGET(start_body) {
  Bytes bytes(input);
  // Built in this process, it may hold what the strict door would not let in.
  const Json value = Json::parse(bytes.line(), nullptr, false);
  bytes.flag() ? hold_command(bytes, value) : hold_start(bytes, value);
}

}  // namespace amends::fuzz
