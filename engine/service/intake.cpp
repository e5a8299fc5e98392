#include "engine/service/intake.hpp"

#include <algorithm>

#include "engine/base/json.hpp"
#include "engine/service/requests.hpp"

namespace amends::engine {
namespace {

constexpr std::uint32_t page = 200;
constexpr std::size_t in_hand_max = 2'000;
constexpr std::size_t said_max = 1'000;

// Empty when it is missing; nothing when it is something else than a text.
std::optional<std::string> text_of(const Json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || it->is_null()) return std::string();
  return it->is_string() ? std::optional(it->get<std::string>()) : std::nullopt;
}

}  // namespace

// ---- reading rows ----------------------------------------------------------------------------------------

Answer<StartCall> read_posted_start(const CommandRow& row, const PlanCatalog& catalog) {
  const auto invalid = [](std::string sentence) {
    return Answer<StartCall>{ServiceError::invalid, std::move(sentence), {}};
  };
  const ParsedJson parsed = parse_json(row.body);
  if (!parsed.ok() || !parsed.value.is_object()) return invalid("the row holds no start: " + parsed.error);
  const Json& body = parsed.value;
  StartRequest request;
  const auto workflow = text_of(body, "workflow"), key = text_of(body, "key");
  if (!workflow || !key) return invalid("'workflow' and 'key' are texts");
  request.workflow = *workflow;
  request.key = *key;
  if (const auto version = body.find("version"); version != body.end() && !version->is_null()) {
    if (!version->is_number_unsigned() || version->get<std::uint64_t>() > ~std::uint32_t{0})
      return invalid("'version' is a number");
    request.version = version->get<std::uint32_t>();
  }
  if (const auto input = body.find("input"); input != body.end()) request.input = *input;
  if (const auto tags = body.find("tags"); tags != body.end() && !tags->is_null()) {
    if (!tags->is_object()) return invalid("'tags' is an object of texts");
    for (auto it = tags->begin(); it != tags->end(); ++it) {
      if (!it.value().is_string()) return invalid("'tags' is an object of texts");
      request.tags.push_back({it.key(), it.value().get<std::string>()});
    }
  }
  return check_start(request, catalog);
}

Answer<CommandCall> read_posted_command(const CommandRow& row) {
  const auto invalid = [](std::string sentence) {
    return Answer<CommandCall>{ServiceError::invalid, std::move(sentence), {}};
  };
  const std::optional<Verb> verb = find_verb(row.kind);
  if (!verb) return invalid("there is no command of this kind");
  const ParsedJson parsed = parse_json(row.body);
  if (!parsed.ok() || !parsed.value.is_object()) return invalid("the row holds no command: " + parsed.error);
  const Json& body = parsed.value;
  const auto actor = text_of(body, "actor"), reason = text_of(body, "reason"), step = text_of(body, "step");
  const auto result = text_of(body, "result");
  if (!actor || !reason || !step || !result) return invalid("'reason' and 'step' are texts");
  CommandRequest request;
  request.saga = row.saga;
  request.verb = *verb;
  request.actor = actor->empty() ? "sql" : *actor;
  request.reason = *reason;
  request.step = *step;
  const auto happened = body.find("happened");
  request.happened = happened != body.end() && happened->is_boolean() && happened->get<bool>();
  if (!result->empty()) {
    ParsedJson value = parse_json(*result);
    if (!value.ok()) return invalid("the result: " + value.error);
    request.result = std::move(value.value);
  }
  auto call = check_command(request);
  call.value.command.command_id = row.id.text();
  return call;
}

// ---- the thread ------------------------------------------------------------------------------------------

Intake::Intake(Writers writers, const PlanCatalog& catalog, SharedStore& store, Clock& clock,
               Observer& observer, Millis look_every)
    : writers_(std::move(writers)),
      catalog_(catalog),
      store_(store),
      clock_(clock),
      observer_(observer),
      look_every_(look_every) {
  writers_.on_wake([this] {
    std::lock_guard lock(mutex_);
    hinted_ = true;
    wake_.notify_one();
  });
  thread_ = std::thread([this] { run(); });
}

Intake::~Intake() {
  stop();
}

void Intake::stop() {
  writers_.on_wake({});
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Intake::run() {
  while (true) {
    const bool more = look();
    std::unique_lock lock(mutex_);
    if (!more) wake_.wait_for(lock, look_every_, [this] { return stopping_ || hinted_; });
    hinted_ = false;
    if (stopping_) return;
  }
}

bool Intake::look() {
  const std::vector<ShardId> shards = writers_.owned().ours;
  if (shards.empty()) return false;
  {
    // Before the read: what was answered by now is not read as undecided.
    std::lock_guard lock(finished_->mutex);
    for (const SagaId& command : std::exchange(finished_->commands, {})) in_hand_.erase(command);
  }
  if (in_hand_.size() >= in_hand_max) return false;
  const Elapsed read_at = clock_.elapsed();
  std::vector<CommandRow> rows;
  try {
    rows = store_.read_commands(shards, after_, page);
  } catch (const StoreUnavailable&) {
    return false;
  }
  const bool more = rows.size() == page;
  after_ = more ? std::optional(rows.back().id) : std::nullopt;
  for (const CommandRow& row : rows)
    if (!in_hand_.contains(row.id)) take_in(row, read_at);
  return more;
}

void Intake::take_in(const CommandRow& row, Elapsed read_at) {
  const auto finish = [finished = finished_, id = row.id](const auto&) {
    std::lock_guard lock(finished->mutex);
    finished->commands.push_back(id);
  };
  const Posted posted{row.id, read_at};
  if (row.kind != "start") {
    auto call = read_posted_command(row);
    if (!call.ok()) return refuse(row, read_at, std::move(call.sentence));
    call.value.posted = posted;
    in_hand_.insert(row.id);
    return writers_.command(std::move(call.value), finish);
  }
  auto call = read_posted_start(row, catalog_);
  if (call.error == ServiceError::unknown_workflow || call.error == ServiceError::unknown_version)
    return say_once(row, call.sentence);
  if (!call.ok()) return refuse(row, read_at, std::move(call.sentence));
  const auto refused = writers_.refused_plans().find(call.value.plan->id());
  if (refused != writers_.refused_plans().end()) return say_once(row, refused->second);
  call.value.saga = row.saga;
  call.value.posted = posted;
  in_hand_.insert(row.id);
  writers_.start_posted(std::move(call.value), finish);
}

// It will never work: the store is told so.
void Intake::refuse(const CommandRow& row, Elapsed read_at, std::string sentence) {
  StartCall call;
  call.saga = row.saga;
  call.posted = Posted{row.id, read_at};
  call.invalid = std::move(sentence);
  in_hand_.insert(row.id);
  writers_.start_posted(std::move(call), [finished = finished_, id = row.id](const StartReply&) {
    std::lock_guard lock(finished->mutex);
    finished->commands.push_back(id);
  });
}

// It works once the plugin is there: it stays, and is looked at again.
void Intake::say_once(const CommandRow& row, const std::string& sentence) {
  if (said_.size() >= said_max || !said_.insert(sentence).second) return;
  observer_.note(Severity::warning,
                 "a start from the store waits, saga " + row.saga.text() + ": " + sentence);
}

}  // namespace amends::engine
