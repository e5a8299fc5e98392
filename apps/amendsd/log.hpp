// The daemon's log: one JSON object a line on stderr (spdlog). Any thread.
#pragma once
#include <string>
#include <string_view>

#include "engine/base/json.hpp"
#include "engine/ports/observer.hpp"

namespace amends::daemon {

// `level` is one of the configuration's. Call once, before the first line and after block_stop_signals: lines
// go out from a thread of their own, so that a stderr which nobody reads holds nobody up. When it is not
// read, the oldest lines are dropped and a line says how many.
void open_log(std::string_view level);
// The process ends: waits for at most a second until the lines are out. Lines after it are lost. An abort
// waits by itself.
void close_log();

// {"ts":"...","level":"info","msg":"...",...fields}. The message and fields are escaped by the JSON writer.
void log_line(engine::Severity severity, std::string_view message, const engine::Json& fields = {});

// The engine's observer: its notes are lines of the log.
class LogObserver final : public engine::Observer {
 public:
  void note(engine::Severity severity, std::string_view sentence) override { log_line(severity, sentence); }
  void parked(const engine::ParkedSaga& saga) override;
};

}  // namespace amends::daemon
