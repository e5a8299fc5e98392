#include "adapters/effect/sql/pool.hpp"

#include <algorithm>

#include "adapters/effect/sql/password.hpp"
#include "engine/base/text.hpp"

namespace amends::sql {
namespace {

engine::Reply own_reply(engine::Outcome outcome, std::string error_class, const std::string& text) {
  engine::Reply out;
  out.outcome = outcome;
  out.error_class = std::move(error_class);
  out.error = engine::shorten(engine::escape_controls(text), engine::error_bytes_max);
  return out;
}

}  // namespace

Pool::Pool(SqlEndpoint endpoint, const SqlOptions& options, const CutSignal& cut,
           std::atomic<std::size_t>& in_flight)
    : endpoint_(std::move(endpoint)), options_(options), cut_(cut), in_flight_(in_flight) {}

Pool::~Pool() {
  join();
}

void Pool::take(Pending pending) {
  const char* refused = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      refused = "stopping";
    } else if (queue_.size() >= endpoint_.queue_max) {
      refused = "queue_full";
    } else {
      queue_.push_back(std::move(pending));
      // A thread for each that waits, until there are as many as the endpoint may have connections.
      if (queue_.size() > idle_ && threads_.size() < endpoint_.concurrency_max)
        threads_.emplace_back([this] { work(); });
    }
  }
  if (refused == nullptr) return changed_.notify_one();
  answer(pending,
         own_reply(engine::Outcome::transient, refused,
                   refused == std::string_view("stopping") ? "the engine stops; nothing was sent"
                                                           : "too many attempts wait for this endpoint"));
}

std::optional<Pending> Pool::wait_for_work(std::unique_ptr<Session>& session) {
  std::unique_lock lock(mutex_);
  ++idle_;
  const auto is_ready = [this] { return is_stopping_ || !queue_.empty(); };
  if (session && !changed_.wait_for(lock, options_.idle_max, is_ready)) {
    lock.unlock();
    session.reset();  // a server has few connections, and a router forgets idle ones
    lock.lock();
  }
  changed_.wait(lock, is_ready);
  --idle_;
  if (queue_.empty()) return std::nullopt;
  Pending out = std::move(queue_.front());
  queue_.pop_front();
  ++busy_;
  return out;
}

void Pool::work() {
  std::unique_ptr<Session> session;
  while (std::optional<Pending> pending = wait_for_work(session)) {
    Performed performed = run(session, pending->attempt);
    note(performed);
    answer(*pending, std::move(performed.reply));
    {
      const std::lock_guard lock(mutex_);
      --busy_;
    }
    changed_.notify_all();
  }
}

// What is answered without asking the database.
std::optional<engine::Reply> Pool::refuse_unasked(const engine::Attempt& attempt,
                                                  const RequestData& request) const {
  if (!request.ok()) return own_reply(engine::Outcome::rejected, "bad_request_data", request.error);
  for (const SqlStatement& statement : request.statements) {
    if (statement.statement.empty() || endpoint_.statements.contains(statement.statement)) continue;
    // Not rejected: an operator can mend it.
    return own_reply(engine::Outcome::transient, "unknown_statement",
                     "the endpoint has no statement '" + engine::shorten(statement.statement, 80) + "'");
  }
  if (attempt.not_after != engine::WallTime{} && options_.wall() > attempt.not_after)
    return own_reply(engine::Outcome::transient, "not_sent_in_time",
                     "it waited past its time for its turn and was not sent");
  if (!attempt.may_be_sent())
    return own_reply(engine::Outcome::transient, "lease_lost",
                     "the engine's lease was over before it was sent: another engine may send it");
  return std::nullopt;
}

Performed Pool::run(std::unique_ptr<Session>& session, const engine::Attempt& attempt) {
  const RequestData request = parse_request(attempt.request->body);
  if (auto refused = refuse_unasked(attempt, request)) return {.reply = std::move(*refused)};
  const auto limit = std::clamp(attempt.timeout, engine::Millis{1}, endpoint_.timeout_max);
  const Bounds bounds{Clock::now() + limit, &cut_};
  try {
    const bool was_idle = session && session->is_good();
    if (!was_idle) session = connect(bounds);
    Performed out = perform(*session, endpoint_, attempt, request, bounds);
    // A connection that broke while nobody used it costs no attempt.
    if (was_idle && out.lost && out.phase == Phase::open) {
      session = connect(bounds);
      out = perform(*session, endpoint_, attempt, request, bounds);
    }
    if (!session->is_good()) session.reset();
    return out;
  } catch (const Failure& failure) {
    session.reset();
    return performed(dialect_of(endpoint_), failure);
  }
}

std::unique_ptr<Session> Pool::connect(const Bounds& bounds) {
  const Bounds within{std::min(bounds.until, Clock::now() + options_.connect_timeout), bounds.cut};
  if (dialect_of(endpoint_) == Dialect::sqlite) return connect_sqlite(endpoint_, within);
  return connect_postgres(endpoint_, read_password(endpoint_.password), within);
}

void Pool::answer(const Pending& pending, engine::Reply reply) {
  const engine::Attempt& attempt = pending.attempt;
  std::vector<engine::Answered> answers;
  answers.push_back({attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)});
  in_flight_.fetch_sub(1);
  pending.sink->deliver(std::move(answers));
}

// Once when it begins, not at each attempt.
void Pool::note(const Performed& performed) {
  std::string error_class = performed.is_loud ? performed.reply.error_class : "";
  {
    const std::lock_guard lock(mutex_);
    std::swap(noted_, error_class);
    if (noted_.empty() || noted_ == error_class) return;
  }
  if (options_.note) options_.note("endpoint '" + endpoint_.name + "': " + performed.reply.error);
}

void Pool::begin_stop() {
  std::deque<Pending> refused;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    refused.swap(queue_);
  }
  changed_.notify_all();
  for (const Pending& pending : refused)
    answer(pending, own_reply(engine::Outcome::transient, "stopping", "the engine stops; nothing was sent"));
}

bool Pool::wait_idle(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, until, [this] { return busy_ == 0; });
}

void Pool::join() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
}

EndpointCounts Pool::counts() const {
  const std::lock_guard lock(mutex_);
  return {endpoint_.name, queue_.size(), busy_};
}

}  // namespace amends::sql
