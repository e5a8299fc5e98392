// Data that survives a crash: the plan's input and every step's result are journalled as JSON.
//
//     struct Address {
//       std::string street, city;
//       std::optional<std::string> postcode;      // may be absent
//       AMENDS_DATA(Address, street, city, postcode)
//     };
//
// A field is a bool, an integer, a float or double, a std::string, amends::Json, another AMENDS_DATA type, or
// a std::optional, std::vector or std::map<std::string, T> of these. A field left out of the list is not
// journalled: a step that reads it later sees its default.
#pragma once
#include <amends/for_each.hpp>
#include <concepts>
#include <nlohmann/json.hpp>
#include <string_view>

namespace amends {

using Json = nlohmann::json;

struct Nothing;

namespace detail {
struct AnyField {
  template <class T>
  void operator()(std::string_view, T&&) const {}
};
}  // namespace detail

// Types declared with AMENDS_DATA; only these may cross a step's border.
template <class T>
concept Durable = std::default_initializable<T> && std::copyable<T> && requires(T& value) {
  { T::durable_type() } -> std::convertible_to<std::string_view>;
  T::durable_fields(value, detail::AnyField{});
};

}  // namespace amends

// Names the type and lists its fields. Both are part of the plan's shape, with the fields' types.
#define AMENDS_DATA(Type, ...)                                                                          \
  static constexpr std::string_view durable_type() {                                                    \
    return #Type;                                                                                       \
  }                                                                                                     \
  template <class AmendsSelf, class AmendsVisit>                                                        \
  static void durable_fields([[maybe_unused]] AmendsSelf& self, [[maybe_unused]] AmendsVisit&& visit) { \
    AMENDS_FOR_EACH(AMENDS_DATA_FIELD, __VA_ARGS__)                                                     \
  }                                                                                                     \
  friend void to_json(::amends::Json& json, const Type& value) {                                        \
    json = ::amends::encode(value);                                                                     \
  }                                                                                                     \
  friend void from_json(const ::amends::Json& json, Type& value) {                                      \
    ::amends::decode_or_throw(json, value);                                                             \
  }
#define AMENDS_DATA_FIELD(field) visit(std::string_view(#field), self.field);

#include <amends/codec.hpp>
#include <amends/reader.hpp>

namespace amends {

// The result of a step whose reply nobody needs; any reply will do.
struct Nothing {
  AMENDS_DATA(Nothing)
};

}  // namespace amends
