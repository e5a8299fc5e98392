#include "apps/amendsd/log.hpp"

#include <signal.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <system_error>

#include "apps/amendsd/log_queue.hpp"
#include "engine/base/rfc3339.hpp"
#include "engine/base/text.hpp"

namespace amends::daemon {
namespace {

spdlog::level::level_enum level_of(engine::Severity severity) {
  switch (severity) {
    case engine::Severity::info: return spdlog::level::info;
    case engine::Severity::warning: return spdlog::level::warn;
    case engine::Severity::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

const char* name_of(engine::Severity severity) {
  switch (severity) {
    case engine::Severity::info: return "info";
    case engine::Severity::warning: return "warning";
    case engine::Severity::error: return "error";
  }
  return "error";
}

std::string line_of(engine::Severity severity, std::string_view message, const engine::Json& fields) {
  const auto now = std::chrono::time_point_cast<engine::Micros>(std::chrono::system_clock::now());
  engine::Json line{
      {"ts", engine::rfc3339(now)}, {"level", name_of(severity)}, {"msg", std::string(message)}};
  if (fields.is_object()) line.update(fields);
  return engine::canonical(line);
}

std::string dropped_line(std::uint64_t lines) {
  return line_of(engine::Severity::warning, "the log was not read in time: its oldest lines were dropped",
                 {{"lines", lines}}) +
         "\n";
}

// The queue has a lock of its own.
class QueueSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit QueueSink(std::shared_ptr<LogQueue> queue) : queue_(std::move(queue)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    queue_->add(std::string(message.payload.data(), message.payload.size()) + '\n');
  }
  void flush_() override {}

 private:
  std::shared_ptr<LogQueue> queue_;
};

// The logger is the process's, and so is what an abort and an exit must find.
std::shared_ptr<LogQueue> process_queue;
std::atomic<const LogQueue*> queue_of_handler{nullptr};

// A failed check or an uncaught exception: the lines before it say why. The default action follows.
void on_abort(int) {
  if (const LogQueue* queue = queue_of_handler.load()) queue->await_drained_in_handler(engine::Millis(500));
}

std::shared_ptr<spdlog::logger> make_logger() {
  try {
    process_queue = std::make_shared<LogQueue>(STDERR_FILENO, LogQueue::Options{}, dropped_line);
  } catch (const std::system_error&) {
    return spdlog::stderr_logger_mt("amendsd");  // no thread to be had: better late lines than none
  }
  queue_of_handler = process_queue.get();
  ::signal(SIGABRT, on_abort);
  return std::make_shared<spdlog::logger>("amendsd", std::make_shared<QueueSink>(process_queue));
}

}  // namespace

void open_log(std::string_view level) {
  auto logger = make_logger();
  // The line is a whole JSON object already; spdlog brings the sink and the levels.
  logger->set_pattern("%v");
  logger->set_level(level == "debug"     ? spdlog::level::debug
                    : level == "warning" ? spdlog::level::warn
                    : level == "error"   ? spdlog::level::err
                                         : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void close_log() {
  if (!process_queue) return;
  process_queue->close(std::chrono::seconds(1));
}

void log_line(engine::Severity severity, std::string_view message, const engine::Json& fields) {
  const auto level = level_of(severity);
  if (spdlog::should_log(level)) spdlog::log(level, "{}", line_of(severity, message, fields));
}

void LogObserver::parked(const engine::ParkedSaga& saga) {
  engine::Json fields{{"saga", saga.saga}, {"plan", saga.plan_id}};
  if (!saga.step.empty()) fields["step"] = saga.step;
  if (!saga.error_class.empty()) fields["class"] = saga.error_class;
  if (!saga.error.empty()) fields["error"] = engine::shorten(saga.error, 500);
  log_line(engine::Severity::warning, "a saga needs an operator", fields);
}

}  // namespace amends::daemon
