#include "adapters/effect/sql/perform.hpp"

#include <algorithm>

#include "engine/base/json.hpp"
#include "engine/base/text.hpp"

namespace amends::sql {
namespace {

using engine::Json;
using engine::Outcome;
using engine::Reply;

Failure unmet(std::string error_class, std::string text) {
  return {Phase::work, Trouble::unmet, std::move(error_class), std::move(text)};
}

std::string called(const SqlStatement& statement) {
  if (!statement.name.empty()) return "the statement '" + statement.name + "'";
  return statement.statement.empty() ? "the statement" : "the statement '" + statement.statement + "'";
}

const std::string& text_of(const SqlStatement& statement, const SqlEndpoint& endpoint) {
  if (statement.statement.empty()) return statement.sql;
  return endpoint.statements.find(statement.statement)->second;
}

void hold_expectation(const SqlStatement& statement, std::uint64_t count) {
  const auto& min = statement.rows_min;
  const auto& max = statement.rows_max;
  if ((!min || count >= *min) && (!max || count <= *max)) return;
  std::string wanted;
  if (min == max)
    wanted = std::to_string(*min);
  else
    wanted = (min ? "at least " + std::to_string(*min) : "") + (min && max ? " and " : "") +
             (max ? "at most " + std::to_string(*max) : "");
  throw unmet("expect_rows",
              called(statement) + " touched " + std::to_string(count) + " rows, expected were " + wanted);
}

// Results by statement, in order.
using Done = std::vector<std::pair<const SqlStatement*, Rows>>;

Json params_of(const SqlStatement& statement, const Done& done) {
  Json out = statement.params;
  for (const EarlierColumn& from : statement.from) {
    const auto at =
        std::ranges::find_if(done, [&](const auto& one) { return one.first->name == from.statement; });
    const Json& rows = at->second.rows;
    if (rows.empty() || !rows[0].contains(from.column))
      throw unmet("no_such_row", called(statement) + " needs '" + from.column + "' of a row of '" +
                                     from.statement + "', which gave none");
    out[from.parameter] = rows[0][from.column];
  }
  return out;
}

Json shaped(const SqlStatement& statement, Rows rows) {
  switch (statement.shape) {
    case Shape::row:
      if (rows.rows.empty()) throw unmet("no_rows", called(statement) + " returns no row; say `returning`");
      return std::move(rows.rows[0]);
    case Shape::rows: return Json{{"count", rows.count}, {"rows", std::move(rows.rows)}};
    case Shape::count: return Json{{"count", rows.count}};
  }
  return {};
}

// Runs the statements; the step's result as canonical JSON.
std::string work(Session& session, const SqlEndpoint& endpoint, const RequestData& request) {
  Done done;
  for (const SqlStatement& statement : request.statements) {
    const Json params = params_of(statement, done);
    Rows rows = session.run(text_of(statement, endpoint), params, endpoint.result_bytes_max);
    hold_expectation(statement, rows.count);
    done.emplace_back(&statement, std::move(rows));
  }
  Json result;
  for (auto& [statement, rows] : done) {
    Json one = shaped(*statement, std::move(rows));
    if (request.is_transaction)
      result[statement->name] = std::move(one);
    else
      result = std::move(one);
  }
  std::string out = engine::canonical(result);
  if (out.size() > endpoint.result_bytes_max)
    throw unmet("result_too_large", "the rows are larger than a step's result may be");
  return out;
}

// What the barrier says, whether it was kept now or before.
Reply reply_of(const BarrierResult& result, engine::Direction direction) {
  Reply out;
  out.answered = true;
  const auto refused = [&](Outcome outcome, std::string error_class) {
    out.outcome = outcome;
    out.error_class = std::move(error_class);
    const auto body = engine::parse_json(result.answer.body);
    if (!body.ok() || !body.value.is_object()) return;
    if (const auto it = body.value.find("class"); it != body.value.end() && it->is_string())
      out.error_class = engine::shorten(it->get_ref<const std::string&>(), engine::error_class_bytes_max);
    if (const auto it = body.value.find("detail"); it != body.value.end() && it->is_string())
      out.error = it->get<std::string>();
  };
  switch (result.code) {
    case BarrierCode::fenced: refused(Outcome::rejected, "fenced"); break;
    case BarrierCode::expired: refused(Outcome::transient, "expired"); break;
    case BarrierCode::empty_undo:
      out.outcome = Outcome::done;
      out.empty_undo = direction == engine::Direction::undo;
      break;
    case BarrierCode::applied:
    case BarrierCode::replayed:
      if (result.answer.rejected) {
        refused(Outcome::rejected, "rejected");
      } else {
        out.outcome = Outcome::done;
        out.result = result.answer.body;
      }
  }
  return out;
}

Performed performed(const Judgement& judgement, const Failure& failure) {
  Performed out;
  out.reply.outcome = judgement.outcome;
  out.reply.error_class = judgement.error_class;
  out.reply.error = sentence(failure);
  out.reply.answered = failure.trouble == Trouble::refused || failure.trouble == Trouble::unmet;
  out.phase = failure.phase;
  out.lost = failure.trouble == Trouble::lost || failure.trouble == Trouble::ended;
  out.is_loud = judgement.is_loud;
  return out;
}

// A refusal is kept like a success: an attempt that comes later under the same key must not succeed where
// this one was refused, when nobody would undo it any more.
Performed keep_refusal(Session& session, const BarrierCall& call, engine::Direction direction,
                       const Performed& refused, const Bounds& bounds) {
  const Opened opened = session.begin(&call, false, bounds);
  BarrierResult result;
  if (decide_barrier(call, opened.seen, opened.now_ms, result) != BarrierVerdict::work) {
    session.rollback();
    return {.reply = reply_of(result, direction)};
  }
  const Json body{{"class", refused.reply.error_class}, {"detail", refused.reply.error}};
  result = {BarrierCode::applied, {true, 409, engine::canonical(body)}};
  session.commit(&call, &result);
  return refused;
}

Performed perform_once(Session& session, const SqlEndpoint& endpoint, const BarrierCall* call,
                       engine::Direction direction, const RequestData& request, const Bounds& bounds) {
  const Opened opened = session.begin(call, request.read_only, bounds);
  BarrierResult result{BarrierCode::applied, {}};
  const auto verdict =
      call == nullptr ? BarrierVerdict::work : decide_barrier(*call, opened.seen, opened.now_ms, result);
  switch (verdict) {
    case BarrierVerdict::answer: session.rollback(); return {.reply = reply_of(result, direction)};
    case BarrierVerdict::keep: break;
    case BarrierVerdict::work:
      result = {BarrierCode::applied, {false, 200, work(session, endpoint, request)}};
  }
  session.commit(call, call == nullptr ? nullptr : &result);
  return {.reply = reply_of(result, direction)};
}

std::optional<BarrierCall> call_of(const engine::Attempt& attempt) {
  auto call = parse_barrier_key(attempt.key);
  if (call && attempt.not_after != engine::WallTime{})
    call->not_after_ms = engine::to_micros(attempt.not_after) / 1000;
  return call;
}

}  // namespace

Performed performed(Dialect dialect, const Failure& failure) {
  return performed(judge(dialect, failure), failure);
}

Performed perform(Session& session, const SqlEndpoint& endpoint, const engine::Attempt& attempt,
                  const RequestData& request, const Bounds& bounds) {
  const Dialect dialect = dialect_of(endpoint);
  std::optional<BarrierCall> call;
  if (endpoint.barrier && !request.read_only) {
    call = call_of(attempt);
    if (!call) return performed(dialect, unmet("bad_request_data", "its key is none that the barrier knows"));
  }
  try {
    return perform_once(session, endpoint, call ? &*call : nullptr, attempt.direction, request, bounds);
  } catch (const Failure& failure) {
    session.rollback();
    Performed refused = performed(dialect, failure);
    if (refused.reply.outcome != Outcome::rejected || !call) return refused;
    if (!session.is_good()) {
      refused.reply.outcome = Outcome::transient;  // nothing was kept: asked again, it is refused again
      return refused;
    }
    try {
      return keep_refusal(session, *call, attempt.direction, refused, bounds);
    } catch (const Failure& second) {
      session.rollback();
      Performed out = performed(dialect, second);
      if (out.reply.outcome == Outcome::rejected) out.reply.outcome = Outcome::transient;
      return out;
    }
  }
}

}  // namespace amends::sql
