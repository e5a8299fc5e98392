#include "samples/participants/call_log.hpp"

#include <chrono>

namespace participants {

CallLog::CallLog(Database& db) : db_(db) {
  db_.execute(R"sql(
create table if not exists calls (rseq integer primary key, at_us integer not null, arrival integer not null,
  key text not null, attempt text not null, epoch text not null, not_after text not null, method text not null,
  path text not null, body text not null, code text not null, status integer not null, effect text not null,
  answer text not null);
)sql");
}

void CallLog::took_effect(const Arrival& arrival, bool undo, std::string_view code,
                          const amends::BarrierAnswer& answer) {
  write(arrival, code, answer.status, undo ? "undid" : "did", answer.body);
}

void CallLog::changed_nothing(const Arrival& arrival, std::string_view code, int status,
                              const std::string& body) {
  write(arrival, code, status, "none", body);
}

void CallLog::write(const Arrival& arrival, std::string_view code, int status, const char* effect,
                    const std::string& body) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t at_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  db_.write(
      "insert into calls (at_us, arrival, key, attempt, epoch, not_after, method, path, body, code, status, "
      "effect, answer) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
      {at_us, arrival.number, arrival.key, arrival.attempt, arrival.epoch, arrival.not_after, arrival.method,
       arrival.path, arrival.body, std::string(code), std::int64_t{status}, effect, body});
}

}  // namespace participants
