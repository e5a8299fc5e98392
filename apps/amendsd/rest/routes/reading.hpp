// Reading what a client sent: members of a JSON object and query parameters, where the unknown is an error
// too.
#pragma once
#include <httplib.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/time.hpp"
#include "engine/ports/store.hpp"

namespace amends::rest {

using engine::Json;

// Thrown by the readers below and answered as 400 "invalid-request" by the route table.
struct BadRequest {
  std::string sentence;
};

// The body as a JSON object, through the strict door.
Json read_object(const httplib::Request& request);

// Members of one object. `finish` refuses those that nobody asked for.
class Members {
 public:
  // `where` begins every sentence about it: "" or "sagas[3]: ".
  Members(const Json& object, std::string where);

  std::string text(const char* name, bool required = false);
  std::optional<std::uint32_t> count(const char* name);
  std::optional<bool> flag(const char* name);
  const Json* find(const char* name);
  std::vector<engine::Tag> tags(const char* name);
  void finish() const;

 private:
  [[noreturn]] void refuse(const std::string& sentence) const { throw BadRequest{where_ + sentence}; }
  const Json& object_;
  std::string where_;
  std::set<std::string> asked_;
};

// Query parameters, each at most once. `finish` refuses the unknown.
class Query {
 public:
  explicit Query(const httplib::Request& request);

  std::string text(const char* name);
  std::uint32_t count(const char* name, std::uint32_t otherwise, std::uint32_t least, std::uint32_t most);
  std::optional<engine::WallTime> time(const char* name);
  std::optional<engine::SagaId> saga(const char* name);
  // The first characters of an id.
  std::optional<engine::SagaIdRange> id_prefix(const char* name);
  // "10s", "500ms", at most `most`.
  std::optional<std::chrono::milliseconds> duration(const char* name, std::chrono::milliseconds most);
  // Everything that begins with `prefix`, without it.
  std::vector<engine::Tag> with_prefix(const std::string& prefix);
  void finish() const;

 private:
  const httplib::Request& request_;
  std::set<std::string> asked_;
};

// What a list asks for, beside its place and length.
engine::SagaFilter read_filter(Query& query);

}  // namespace amends::rest
