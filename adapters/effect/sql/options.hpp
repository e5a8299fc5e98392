// How the SQL adapter and its endpoints are configured.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/definition/outcome.hpp"
#include "engine/definition/request.hpp"

namespace amends::sql {

enum class Dialect : std::uint8_t { postgres, sqlite };

struct SqlEndpoint {
  std::string name;  // what a plan calls it
  // "postgres://user@host/database" without a password, or "sqlite:/path/of/an/existing.db".
  std::string url;
  std::string password;  // "env:NAME" or "file:/path", read at each connect; empty: libpq's own ways
  engine::EndpointFacts facts;
  // The barrier's row is written in the step's transaction. The facts must say the same.
  bool barrier = true;

  engine::Millis timeout_max{60'000};  // caps what a step asks for
  std::size_t concurrency_max = 4;     // threads, each with a connection of its own; the rest wait in order
  std::size_t queue_max = 100'000;     // attempts that wait; beyond it they are answered transient
  std::size_t result_bytes_max = engine::result_bytes_max;

  // Statements that a step can name in place of their text.
  std::map<std::string, std::string, std::less<>> statements;
};

struct SqlOptions {
  engine::Millis connect_timeout{5'000};         // a shorter attempt timeout wins
  engine::Millis idle_max{60'000};               // an idle connection older than this is closed
  std::function<engine::WallTime()> wall;        // the store's clock; empty: the system's
  std::function<void(const std::string&)> note;  // what an operator should read now; any thread; may be empty
};

// What speaks against this endpoint, one sentence each; empty when it may be used. Connects to nothing.
std::vector<std::string> findings(const SqlEndpoint& endpoint);

bool is_sqlite_url(std::string_view url);
Dialect dialect_of(const SqlEndpoint& endpoint);

}  // namespace amends::sql
