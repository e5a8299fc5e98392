// Local steps: a C++ function of the plugin's own, in place of a request to somebody else.
//
//     Price work_out_price(const Order& order);
//     void hold_seat(const amends::Attempt& attempt, const Order& order);
//     void free_seat(const Order& order);
//
//     auto price = plan.local("price", work_out_price, order);
//     plan.reversible("hold-seat", amends::local(hold_seat), order)
//         .undo("free-seat", amends::local(free_seat), order);
//
// Every verb takes one. It runs on the engine's worker threads, one call at a time for one step of one saga,
// and may do I/O. It runs AT LEAST once: again when the engine or its machine went down before the result was
// durable, and again after a throw that says so. So it must be idempotent: doing it twice is doing it once.
// Each attempt is given the same arguments.
//
// What it returns is the step's result: a durable type, or nothing. A throw is a refusal: it did not happen
// and will not; what follows depends on the step's place in the plan, as for any step. Throw
// amends::Refused, amends::Transient or amends::Unknown to say more. A function that is not back in the
// step's timeout counts as unknown; it cannot be stopped, so give its own I/O shorter limits.
#pragma once
#include <amends/graph.hpp>
#include <exception>
#include <new>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

namespace amends {

// Thrown by a local function: it did not happen, in no attempt of this step, and will not. Any other throw
// speaks for its own attempt alone: when an earlier one is in doubt, the doubt remains.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Thrown by a local function: surely nothing happened; try again, not before `wait` has passed.
class Transient : public std::runtime_error {
 public:
  explicit Transient(const std::string& why, std::optional<std::chrono::milliseconds> wait = std::nullopt)
      : std::runtime_error(why), wait_(wait) {}
  std::optional<std::chrono::milliseconds> wait() const { return wait_; }

 private:
  std::optional<std::chrono::milliseconds> wait_;
};

// Thrown by a local function: it may have happened. It is tried again, and undone if the saga is taken back.
class Unknown : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What local() makes; only the verbs of a plan look inside.
template <class Fn>
struct Local {
  Fn function;
};

// Marks a function that does the work itself: plan.retriable("write-file", amends::local(write_file), order).
template <class Fn>
Local<Fn> local(Fn function) {
  return {std::move(function)};
}

namespace detail {

template <class Fn>
inline constexpr bool is_local = false;
template <class Fn>
inline constexpr bool is_local<Local<Fn>> = true;

// One argument, by the long way and by the short one.
template <class T>
struct LocalArgument {
  static T decoded(const Json& json) {
    T out{};
    if (const auto wrong = decode(json, out, UnknownFields::allowed)) throw std::invalid_argument(*wrong);
    return out;
  }
  static bool read(Reader& reader, T& out) { return detail::read(reader, out); }
};
// An own_result: an array of one, or of none. What cannot be read is as good as no reply.
template <class T>
struct LocalArgument<std::optional<T>> {
  static std::optional<T> decoded(const Json& json) {
    T out{};
    if (json.empty() || decode(json.at(0), out, UnknownFields::allowed)) return std::nullopt;
    return out;
  }
  static bool read(Reader& reader, std::optional<T>& out) {
    return reader.take("[]") || (reader.take("[") && detail::read(reader, out.emplace()) && reader.take("]"));
  }
};

template <class... Given, std::size_t... at>
bool read_plain_arguments(Reader reader, std::tuple<Given...>& given, std::index_sequence<at...>) {
  return reader.take("[") &&
         ((reader.take(at == 0 ? "" : ",") && LocalArgument<Given>::read(reader, std::get<at>(given))) &&
          ...) &&
         reader.take("]") && reader.at_end();
}

template <class... Given, std::size_t... at>
std::tuple<Given...> decode_arguments(const Json& arguments, std::index_sequence<at...>) {
  if (!arguments.is_array() || arguments.size() != sizeof...(Given))
    throw std::invalid_argument("the function takes another number of arguments");
  return std::tuple<Given...>{LocalArgument<Given>::decoded(arguments[at])...};
}

template <class Fn, class... Given>
decltype(auto) invoke_local(const Fn& fn, const Attempt& attempt, const std::tuple<Given...>& given) {
  if constexpr (std::is_invocable_v<const Fn&, const Given&...>)
    return std::apply(fn, given);
  else
    return std::apply(fn, std::tuple_cat(std::tie(attempt), given));
}

template <class... Given, std::size_t... at>
std::tuple<Given...> read_arguments(const Json& arguments, std::index_sequence<at...>) {
  if (!arguments.is_array() || arguments.size() != sizeof...(Given))
    throw std::invalid_argument("the function takes another number of arguments");
  return std::tuple<Given...>{LocalArgument<Given>::read(arguments[at])...};
}

// Runs the function; what it throws ends here, in the code of the plugin that knows the types.
template <class Returns, class... Given, class Fn>
LocalReply run_local(const Fn& fn, const Attempt& attempt, std::string_view arguments) {
  constexpr std::index_sequence_for<Given...> all;
  std::tuple<Given...> given;
  try {
    if (!read_plain_arguments(Reader(arguments), given, all))
      given = decode_arguments<Given...>(Json::parse(arguments), all);
  } catch (const std::exception& wrong) {
    return {LocalEnding::arguments_unfit, wrong.what()};
  }
  try {
    if constexpr (std::is_void_v<Returns>) {
      invoke_local(fn, attempt, given);
      return {LocalEnding::returned, "{}"};
    } else {
      const Returns result = invoke_local(fn, attempt, given);
      try {
        return {LocalEnding::returned, encode(result).dump()};
      } catch (const std::exception& wrong) {
        return {LocalEnding::result_broken, wrong.what()};
      }
    }
  } catch (const Refused& why) {
    return {LocalEnding::threw_refused, why.what()};
  } catch (const Transient& why) {
    return {LocalEnding::threw_transient, why.what(), why.wait()};
  } catch (const Unknown& why) {
    return {LocalEnding::threw_unknown, why.what()};
  } catch (const std::bad_alloc&) {
    return {LocalEnding::out_of_memory, {}};
  } catch (const std::exception& why) {
    return {LocalEnding::threw, why.what() != nullptr ? why.what() : ""};
  } catch (...) {
    return {LocalEnding::threw, "something was thrown that is not a std::exception"};
  }
}

}  // namespace detail
}  // namespace amends
