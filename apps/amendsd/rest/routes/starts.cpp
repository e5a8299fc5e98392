#include "apps/amendsd/rest/routes/api.hpp"
#include "apps/amendsd/rest/routes/refusal.hpp"

namespace amends::rest {
namespace {

using engine::ServiceError;

constexpr std::size_t batch_max = 1'000;
constexpr std::chrono::milliseconds wait_max{60'000};

engine::StartRequest read_start(const Json& object, const std::string& where) {
  Members members(object, where);
  engine::StartRequest out;
  out.workflow = members.text("workflow", true);
  out.version = members.count("version");
  out.key = members.text("key");
  // A template that was not filled in would otherwise start a new saga each time.
  if (out.key.empty() && members.find("key") != nullptr)
    throw BadRequest{where + "'key' is empty; leave it out to start without one"};
  const Json* input = members.find("input");
  if (input == nullptr) throw BadRequest{where + "'input' is missing"};
  out.input = *input;
  out.tags = members.tags("tags");
  members.finish();
  return out;
}

Json started_view(const engine::SagaId& saga, bool again) {
  return {{"id", saga.text()}, {"existing", again}};
}

Json result_view(const engine::Answer<engine::Started>& answer) {
  if (answer.ok()) {
    Json out = started_view(answer.value.saga, answer.value.again);
    out["status"] = answer.value.again ? 200 : 201;
    return out;
  }
  const Problem what = problem_of(answer.error, answer.sentence);
  return {{"status", what.status},
          {"type", "/problems/" + what.slug},
          {"title", what.title},
          {"detail", what.detail}};
}

}  // namespace

rest::Answer started_answer(const engine::SagaId& saga, bool again) {
  rest::Answer out{.status = again ? 200 : 201, .body = engine::canonical(started_view(saga, again))};
  out.headers.push_back({"Location", "/v1/sagas/" + saga.text()});
  return out;
}

void Api::answer_after_wait(const engine::SagaId& saga, std::optional<bool> existing,
                            std::chrono::milliseconds wait, const Parked& parked) {
  const engine::Elapsed until = parts_.clock.elapsed() + wait;
  parts_.service.wait(saga, until, [this, saga, existing, parked](engine::WaitOutcome outcome) {
    if (!parked.waiting()) return;  // the client has gone: nobody needs the saga read back
    finisher_.post([this, saga, existing, parked, outcome] {
      const auto stored = parts_.service.find_saga(saga);
      if (!stored.ok()) return parked.answer(refusal(stored.error, stored.sentence));
      Json view = engine::saga_view(stored.value);
      view["time_up"] = outcome == engine::WaitOutcome::time_up;
      if (existing) view["existing"] = *existing;
      parked.answer(existing.value_or(true) ? 200 : 201, engine::canonical(view),
                    {{"Location", "/v1/sagas/" + saga.text()}});
    });
  });
}

void Api::start(const httplib::Request& request) {
  Query query(request);
  const auto wait = query.duration("wait", wait_max);
  query.finish();
  engine::StartRequest start = read_start(read_object(request), "");
  const std::string header = request.get_header_value("Idempotency-Key");
  if (header.empty() && request.has_header("Idempotency-Key"))
    throw BadRequest{"the Idempotency-Key header is empty; leave it out to start without a key"};
  if (!header.empty() && !start.key.empty() && header != start.key)
    throw BadRequest{"the Idempotency-Key header and 'key' differ"};
  if (start.key.empty()) start.key = header;
  const Parked parked = current_exchange().park();
  parts_.service.start(start, [this, parked, wait](const engine::Answer<engine::Started>& answer) {
    if (!answer.ok()) return parked.answer(refusal(answer.error, answer.sentence));
    const engine::Started& started = answer.value;
    if (!wait) return parked.answer(started_answer(started.saga, started.again));
    answer_after_wait(started.saga, started.again, *wait, parked);
  });
}

void Api::start_batch(const httplib::Request& request) {
  Query(request).finish();
  const Json body = read_object(request);
  Members members(body, "");
  const Json* sagas = members.find("sagas");
  members.finish();
  if (sagas == nullptr || !sagas->is_array()) throw BadRequest{"'sagas' must be a list of starts"};
  if (sagas->empty() || sagas->size() > batch_max)
    throw BadRequest{"'sagas' must hold 1 to " + std::to_string(batch_max) + " starts"};
  // One that is malformed must not keep its neighbours from starting: who sends a thousand has no better way
  // to find it than its place among the results.
  std::vector<Json> results(sagas->size());
  std::vector<std::size_t> place_of;  // of each start, among the results
  std::vector<engine::StartRequest> starts;
  for (std::size_t i = 0; i < sagas->size(); ++i) {
    try {
      starts.push_back(read_start((*sagas)[i], "sagas[" + std::to_string(i) + "]: "));
      place_of.push_back(i);
    } catch (const BadRequest& bad) {
      results[i] = result_view({ServiceError::invalid, bad.sentence, {}});
    }
  }
  const Parked parked = current_exchange().park();
  parts_.service.start_batch(starts,
                             [parked, results = std::move(results), place_of = std::move(place_of)](
                                 const std::vector<engine::Answer<engine::Started>>& answers) mutable {
                               for (std::size_t i = 0; i < answers.size(); ++i)
                                 results[place_of[i]] = result_view(answers[i]);
                               parked.answer(200, engine::canonical({{"results", std::move(results)}}));
                             });
}

void Api::add_starts() {
  const std::vector<Reply> refusals{
      {400, "The request is malformed", "Problem"},
      {422, "Unknown workflow or version, or the key was used for something else", "Problem"},
      {503, "Not now; ask again with the same key", "Problem"},
      {507, "The store has no room", "Problem"}};
  std::vector<Reply> replies{{201, "Started, durably", "Started"},
                             {200, "The same start was made before under this key", "Started"}};
  replies.insert(replies.end(), refusals.begin(), refusals.end());
  routes_.push_back(
      {"POST",
       "/v1/sagas",
       "Start a saga; idempotent by its key",
       {{"wait", "query",
         "Answer when the saga ends or needs an operator, at most so long (10s, 500ms; 60s at most)"}},
       "Start",
       replies,
       [this](const httplib::Request& request, httplib::Response&) { start(request); }});
  routes_.push_back(
      {"POST",
       "/v1/sagas:batch",
       "Start many sagas; one result a start, in their order, whether it is good or not",
       {},
       "StartBatch",
       {{200, "One result a start", "StartResults"}, {400, "It is no batch; nothing was started", "Problem"}},
       [this](const httplib::Request& request, httplib::Response&) { start_batch(request); }});
}

}  // namespace amends::rest
