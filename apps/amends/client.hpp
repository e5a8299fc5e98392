// Asks a daemon over HTTP (libcurl). One connection, kept alive between the requests of one command. One
// thread.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "apps/amends/context.hpp"

namespace amends::cli {

struct Response {
  int status = 0;
  std::string text;
  Json json;  // null when the body is not JSON
};

class Client {
 public:
  explicit Client(const Context& context);
  ~Client();

  // Throws Stop{unavailable} when no daemon answers. A 4xx or 5xx is an answer.
  Response call(std::string_view method, const std::string& path, const Json* body = nullptr);

  // As call, but whatever is not 2xx ends the command with its sentence and the exit code that fits.
  Json get(const std::string& path);
  Json post(const std::string& path, const Json& body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Turns a refusal into the sentence and exit code that end the command.
[[noreturn]] void stop_with(const Response& response);

// One path segment or query value, percent-encoded.
std::string encoded(std::string_view text);

}  // namespace amends::cli
