// The plan as the plugin hands it to the host: plain data and the functions that build requests. Authors do
// not touch it; workflows/host turns it into the engine's plan.
#pragma once
#include <amends/request.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amends {

// For attempts_max: never give up.
inline constexpr std::uint32_t forever = std::numeric_limits<std::uint32_t>::max();

// Back-off doubles from delay_first to delay_max, with jitter.
struct Retry {
  std::chrono::milliseconds delay_first{200};
  std::chrono::milliseconds delay_max{60'000};
  // Counts the first attempt. Left out, the kind decides: read, reversible and pivot 8 (a pivot whose outcome
  // is unknown is asked again without limit), retriable forever, undo 12.
  std::optional<std::uint32_t> attempts_max = std::nullopt;
};

enum class StepKind : std::uint8_t { read, reversible, pivot, retriable };

using StepId = std::uint32_t;
inline constexpr StepId input_id = std::numeric_limits<StepId>::max();
// What a Ref of another plan becomes; the host finds it at load.
inline constexpr StepId foreign_id = input_id - 1;
// Among a local function's arguments: the result of the step that is undone.
inline constexpr StepId own_id = input_id - 2;

// JSON texts known when a request is built. With rehearsal set, sample values take their place.
struct Values {
  const std::string* input = nullptr;
  const std::vector<const std::string*>* results = nullptr;  // by StepId
  const std::string* own_result = nullptr;                   // undo only; nullptr when unknown
  bool rehearsal = false;
};

using BuildRequest = std::function<Request(const Values&)>;
// Says what is wrong with a JSON value, or nothing.
using CheckJson = std::function<std::optional<std::string>(const Json&)>;
// Whether a text surely is such a value; false says nothing.
using FitsText = std::function<bool(std::string_view)>;

// One run of a local function, for those that ask: they take a const amends::Attempt& before their arguments.
struct Attempt {
  std::string_view key;  // the same for all attempts of one step of one saga: what to recognise a repeat by
  std::uint32_t number = 1;           // from 1
  std::chrono::milliseconds timeout;  // when it has passed, nobody waits for the result any more
};

// How a local function ended. The last two are the frame's own words: the function did not run, or its result
// is nothing that can be kept.
enum class LocalEnding : std::uint8_t {
  returned,
  threw,
  threw_refused,
  threw_transient,
  threw_unknown,
  out_of_memory,
  arguments_unfit,
  result_broken
};
struct LocalReply {
  LocalEnding ending = LocalEnding::returned;
  std::string text;  // the result as JSON, else a sentence
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

// A step that is a function of the plugin's own, in place of a request. `call` is given the arguments as the
// text of a JSON array; own_id's is an array of one result, or of none.
struct LocalFunction {
  std::vector<StepId> arguments;
  std::function<LocalReply(const Attempt&, std::string_view arguments)> call;
};

struct UndoNode {
  std::string name;
  std::vector<StepId> uses;
  Retry retry;
  std::chrono::milliseconds timeout{5'000};
  BuildRequest build;                  // empty when there is a
  std::optional<LocalFunction> local;  // local function
};

struct StepNode {
  std::string name;
  StepKind kind = StepKind::read;
  std::string result_type;
  bool result_is_nothing = false;
  std::vector<StepId> after, uses;
  Retry retry;
  std::chrono::milliseconds timeout{5'000};
  BuildRequest build;                  // empty when there is a
  std::optional<LocalFunction> local;  // local function
  CheckJson check_result;
  FitsText fits_result;
  std::optional<UndoNode> undo;
};

struct Graph {
  std::string input_type;
  CheckJson check_input;
  std::vector<StepNode> steps;
  std::vector<std::string> problems;  // what the builder noticed, one sentence each
};

}  // namespace amends
