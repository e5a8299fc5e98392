#include "adapters/effect/sql/postgres_wire.hpp"

#include <poll.h>

#include <cerrno>
#include <cstring>

namespace amends::sql {
namespace {

std::string field(const PGresult* result, int code) {
  const char* value = PQresultErrorField(result, code);
  return value == nullptr ? "" : value;
}

// FATAL and PANIC: the server ends the connection with it.
bool is_end(const std::string& severity) {
  return severity == "FATAL" || severity == "PANIC";
}

// libpq keeps no result of a failed connect, but with this verbosity its message begins with the code:
// "... FATAL:  28P01: password authentication failed for user ..." Nothing when the server gave none.
std::string code_of_connect(const std::string& message) {
  for (const std::string_view mark : {"FATAL:  ", "ERROR:  ", "PANIC:  "}) {
    const auto at = message.find(mark);
    if (at == std::string::npos || message.size() < at + mark.size() + 6) continue;
    const std::string code = message.substr(at + mark.size(), 5);
    const bool is_code = code.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
    if (is_code && message[at + mark.size() + 5] == ':') return code;
  }
  return {};
}

}  // namespace

std::string first_line(const char* text) {
  const std::string_view all(text == nullptr ? "" : text);
  return std::string(all.substr(0, all.find('\n')).substr(0, 500));
}

PostgresWire::PostgresWire(const std::vector<std::pair<std::string, std::string>>& options,
                           const Bounds& bounds)
    : bounds_(bounds) {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : options) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 0));
  if (!connection_) throw Failure{Phase::connect, Trouble::lost, "", "no memory"};
  PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;
       state = PQconnectPoll(connection_.get())) {
    if (state == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD)
      throw_connect_failure();
    wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT);
  }
  PQsetnonblocking(connection_.get(), 1);
}

void PostgresWire::throw_connect_failure() const {
  const std::string message = PQerrorMessage(connection_.get());
  const std::string code = code_of_connect(message);
  if (code.empty()) throw Failure{Phase::connect, Trouble::lost, "", first_line(message.c_str())};
  throw Failure{Phase::connect, Trouble::ended, code, first_line(message.c_str())};
}

void PostgresWire::throw_lost() const {
  std::string text = first_line(PQerrorMessage(connection_.get()));
  throw Failure{phase_, Trouble::lost, "", text.empty() ? "the connection broke" : std::move(text)};
}

void PostgresWire::wait(short events) {
  for (;;) {
    pollfd waited[2] = {{PQsocket(connection_.get()), events, 0}, {bounds_.cut->descriptor(), POLLIN, 0}};
    const int count = ::poll(waited, 2, static_cast<int>(bounds_.left().count()));
    if (count < 0 && errno == EINTR) continue;
    if (waited[1].revents != 0) throw Failure{phase_, Trouble::stopped, "", "the engine stops"};
    if (count <= 0) throw Failure{phase_, Trouble::timeout, "", "no answer in time"};
    return;
  }
}

void PostgresWire::flush() {
  for (int left = PQflush(connection_.get()); left != 0; left = PQflush(connection_.get())) {
    if (left < 0) throw_lost();
    wait(POLLIN | POLLOUT);
    // Read what comes meanwhile, or both sides wait with full buffers.
    if (PQconsumeInput(connection_.get()) != 1) throw_lost();
  }
}

void PostgresWire::send(const Query& query) {
  std::vector<const char*> values;
  values.reserve(query.params.size());
  for (const auto& param : query.params) values.push_back(param ? param->c_str() : nullptr);
  const int sent = PQsendQueryParams(connection_.get(), query.sql.c_str(), static_cast<int>(values.size()),
                                     nullptr, values.data(), nullptr, nullptr, 0);
  if (sent != 1) throw_lost();
  if (PQpipelineStatus(connection_.get()) == PQ_PIPELINE_OFF) flush();
}

Result PostgresWire::next() {
  while (PQisBusy(connection_.get()) == 1) {
    wait(POLLIN);
    // A connection that broke gives a result that says so, behind what the server said before.
    if (PQconsumeInput(connection_.get()) != 1) break;
  }
  return Result(PQgetResult(connection_.get()));
}

Result PostgresWire::checked(Result result) const {
  switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_PIPELINE_SYNC:
    case PGRES_EMPTY_QUERY: return result;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_PIPELINE_ABORTED:
    case PGRES_FATAL_ERROR: break;
  }
  std::string code = field(result.get(), PG_DIAG_SQLSTATE);
  if (code.empty()) throw_lost();
  const bool ended = is_end(field(result.get(), PG_DIAG_SEVERITY_NONLOCALIZED));
  // The message alone: detail and context repeat values, which may be secret.
  throw Failure{phase_, ended ? Trouble::ended : Trouble::refused, std::move(code),
                first_line(PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY))};
}

std::vector<Result> PostgresWire::run_all(const std::vector<Query>& queries, Phase last) {
  const Phase before = phase_;
  if (PQenterPipelineMode(connection_.get()) != 1) throw_lost();
  phase_ = last;
  for (const Query& query : queries) send(query);
  if (PQpipelineSync(connection_.get()) != 1) throw_lost();
  flush();
  std::vector<Result> out;
  std::optional<Failure> refused;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    Result result = next();
    if (!result) throw_lost();
    const auto status = PQresultStatus(result.get());
    if (!refused && status != PGRES_PIPELINE_ABORTED) {
      try {
        out.push_back(checked(std::move(result)));
      } catch (Failure& failure) {
        if (failure.trouble != Trouble::refused) throw;
        if (i + 1 < queries.size()) failure.phase = before;
        refused = std::move(failure);
      }
    }
    // Each query's results end with none.
    while (next()) continue;
  }
  const Result sync = next();
  if (!sync || PQexitPipelineMode(connection_.get()) != 1) throw_lost();
  phase_ = before;
  if (refused) throw *refused;
  return out;
}

bool PostgresWire::is_quiet() const {
  pollfd waited{PQsocket(connection_.get()), POLLIN, 0};
  return PQstatus(connection_.get()) == CONNECTION_OK && ::poll(&waited, 1, 0) == 0;
}

}  // namespace amends::sql
