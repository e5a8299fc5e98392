#include "apps/amendsd/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>

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

}  // namespace

void open_log(std::string_view level) {
  auto logger = spdlog::stderr_logger_mt("amendsd");
  // The line is a whole JSON object already; spdlog brings the sink, the lock and the levels.
  logger->set_pattern("%v");
  logger->set_level(level == "debug"     ? spdlog::level::debug
                    : level == "warning" ? spdlog::level::warn
                    : level == "error"   ? spdlog::level::err
                                         : spdlog::level::info);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_line(engine::Severity severity, std::string_view message, const engine::Json& fields) {
  const auto now = std::chrono::time_point_cast<engine::Micros>(std::chrono::system_clock::now());
  engine::Json line{
      {"ts", engine::rfc3339(now)}, {"level", name_of(severity)}, {"msg", std::string(message)}};
  if (fields.is_object()) line.update(fields);
  spdlog::log(level_of(severity), "{}", engine::canonical(line));
}

void LogObserver::parked(const engine::ParkedSaga& saga) {
  engine::Json fields{{"saga", saga.saga}, {"plan", saga.plan_id}};
  if (!saga.step.empty()) fields["step"] = saga.step;
  if (!saga.error_class.empty()) fields["class"] = saga.error_class;
  if (!saga.error.empty()) fields["error"] = engine::shorten(saga.error, 500);
  log_line(engine::Severity::warning, "a saga needs an operator", fields);
}

}  // namespace amends::daemon
