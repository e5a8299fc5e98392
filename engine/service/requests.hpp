// What clients ask for, and the door it comes in by.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/journal/entry.hpp"
#include "engine/ports/catalog.hpp"
#include "engine/ports/store.hpp"
#include "engine/runtime/messages.hpp"
#include "engine/service/answer.hpp"

namespace amends::engine {

inline constexpr std::size_t key_bytes_max = 200;
inline constexpr std::size_t tags_max = 32;
inline constexpr std::size_t tag_name_bytes_max = 64;
inline constexpr std::size_t tag_value_bytes_max = 256;
inline constexpr std::size_t input_bytes_max = 1 << 20;
inline constexpr std::size_t reason_bytes_max = 1024;

struct StartRequest {
  std::string workflow;
  std::optional<std::uint32_t> version;  // the newest when it is left out
  std::string key;                       // empty for none
  Json input;
  std::vector<Tag> tags;  // each name once
};

struct CommandRequest {
  SagaId saga;
  Verb verb = Verb::cancel;
  std::string actor, reason;
  std::string step;            // empty: the one that is stuck
  bool happened = false;       // resolve
  std::optional<Json> result;  // resolve, happened
};

// Pure; any thread. The token is left to the engine.
Answer<StartCall> check_start(const StartRequest& request, const PlanCatalog& catalog);
Answer<CommandCall> check_command(const CommandRequest& request);

// Hex SHA-256 over the version as it was asked for, the canonical input and the tags in order. A version left
// out hashes as such: the same request sent again means the same saga, though a newer plan was loaded in
// between.
std::string body_hash(std::optional<std::uint32_t> version, std::string_view input, std::vector<Tag> tags);

}  // namespace amends::engine
