// What a step asks the engine to do.
#pragma once
#include <amends/data.hpp>
#include <string>
#include <utility>

namespace amends {

// An effect described as data. An adapter turns it into I/O and adds the engine's idempotency key.
struct Request {
  std::string adapter;   // "http"
  std::string endpoint;  // a name from amendsd's configuration, "inventory"; never a URL
  Json body;             // its meaning is the adapter's; at most 1 MiB as text
};

// A Request whose reply is an R.
template <class R>
struct Call {
  static_assert(Durable<R>,
                "amends: a step's result must be durable: list its fields with AMENDS_DATA(Type, fields...), "
                "or use amends::Nothing");
  using Result = R;
  Request request;
  Call(Request made) : request(std::move(made)) {}  // NOLINT: a request is the call
};

namespace detail {
template <class T>
inline constexpr bool is_call = false;
template <class R>
inline constexpr bool is_call<Call<R>> = true;
}  // namespace detail

}  // namespace amends
