// Durable values to JSON and back. Decoding is strict: no number is rounded, wrapped or made of a bool, and
// what is wrong is said in one sentence that names every field at fault. Include amends/data.hpp instead.
#pragma once
#include <amends/data.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace amends {

// What to do with a JSON member that the type does not have: an input's typo is refused, a participant may
// answer more than the workflow reads.
enum class UnknownFields : std::uint8_t { allowed, refused };

namespace detail {

template <class T>
inline constexpr bool never = false;

template <class T>
concept Integer =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;
template <class T>
concept Real = std::same_as<T, float> || std::same_as<T, double>;

// How one type of field is named, written and read; specialised below.
template <class T>
struct Field {
  static_assert(never<T>,
                "amends: this field's type cannot be journalled; use bool, integers, double, std::string, "
                "std::optional, std::vector, std::map<std::string, T>, amends::Json or an AMENDS_DATA type");
};

class Decoding {
 public:
  explicit Decoding(UnknownFields unknown) : unknown_(unknown) {}

  // Runs `inside` for the member or element `name`, so that complaints name the whole way to it.
  template <class Inside>
  void at(std::string_view name, Inside inside) {
    const std::size_t size = path_.size();
    if (!path_.empty() && name.front() != '[') path_ += '.';
    path_ += name.substr(0, name_bytes_max);
    inside();
    path_.resize(size);
  }
  void complain(const std::string& what) {
    if (++complaints_ > complaints_max) return;
    if (!sentence_.empty()) sentence_ += ", ";
    sentence_ += (path_.empty() ? std::string("the value") : "'" + path_ + "'") + " " + what;
  }
  void want(std::string_view expected, const Json& got) {
    complain("must be " + std::string(expected) + ", not " + got.type_name());
  }
  bool refuses_unknown() const { return unknown_ == UnknownFields::refused; }

  std::optional<std::string> sentence() const {
    if (complaints_ == 0) return std::nullopt;
    if (complaints_ <= complaints_max) return sentence_;
    return sentence_ + " (and " + std::to_string(complaints_ - complaints_max) + " more)";
  }

 private:
  static constexpr std::size_t complaints_max = 8, name_bytes_max = 64;
  UnknownFields unknown_;
  std::string path_, sentence_;
  std::size_t complaints_ = 0;
};

// The types that are being named, so that a type that holds itself ends.
using Naming = std::vector<std::string_view>;

}  // namespace detail

// The value as JSON; every field is written, an empty optional as null.
template <class T>
Json encode(const T& value) {
  return detail::Field<T>::encode(value);
}

// Fills `value`, or says what is wrong, for example "'quantity' must be a whole number, not string, 'email'
// is missing".
template <class T>
std::optional<std::string> decode(const Json& json, T& value, UnknownFields unknown) {
  detail::Decoding decoding(unknown);
  detail::Field<T>::decode(decoding, json, value);
  return decoding.sentence();
}

template <class T>
void decode_or_throw(const Json& json, T& value) {
  if (const auto wrong = decode(json, value, UnknownFields::allowed)) throw std::invalid_argument(*wrong);
}

// "Reservation{warehouse:string}": what the plan's shape keeps of a type.
template <class T>
std::string type_name() {
  detail::Naming naming;
  return detail::Field<T>::name(naming);
}

// A value for rehearsals: defaults, but no empty string, because paths refuse empty arguments.
template <class T>
T sample() {
  T value{};
  detail::Field<T>::fill(value);
  return value;
}

}  // namespace amends

#include <amends/fields.hpp>
