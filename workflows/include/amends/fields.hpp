// The types that a durable type's fields may have. Include amends/data.hpp instead.
#pragma once
#include <amends/codec.hpp>

namespace amends::detail {

template <>
struct Field<bool> {
  static std::string name(Naming&) { return "bool"; }
  static Json encode(bool value) { return value; }
  static void decode(Decoding& decoding, const Json& json, bool& value) {
    if (!json.is_boolean()) return decoding.want("true or false", json);
    value = json.get<bool>();
  }
  static void fill(bool&) {}
};

template <Integer T>
struct Field<T> {
  static std::string name(Naming&) { return "int"; }  // widening a field does not change the plan's shape
  static Json encode(T value) { return value; }
  static void decode(Decoding& decoding, const Json& json, T& value) {
    if (!json.is_number_integer()) return decoding.want("a whole number", json);
    const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                : std::in_range<T>(json.get<std::int64_t>());
    if (!fits)
      return decoding.complain("must be from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
                               std::to_string(std::numeric_limits<T>::max()));
    value = json.get<T>();
  }
  static void fill(T&) {}
};

template <Real T>
struct Field<T> {
  static std::string name(Naming&) { return "number"; }
  static Json encode(T value) { return value; }
  static void decode(Decoding& decoding, const Json& json, T& value) {
    if (!json.is_number()) return decoding.want("a number", json);
    value = json.get<T>();
  }
  static void fill(T&) {}
};

template <>
struct Field<std::string> {
  static std::string name(Naming&) { return "string"; }
  static Json encode(const std::string& value) { return value; }
  static void decode(Decoding& decoding, const Json& json, std::string& value) {
    if (!json.is_string()) return decoding.want("a string", json);
    value = json.get_ref<const std::string&>();
  }
  static void fill(std::string& value) {
    if (value.empty()) value = "rehearsal";
  }
};

template <>
struct Field<Json> {
  static std::string name(Naming&) { return "json"; }
  static Json encode(const Json& value) { return value; }
  static void decode(Decoding&, const Json& json, Json& value) { value = json; }
  static void fill(Json&) {}
};

template <class T>
struct Field<std::optional<T>> {
  static std::string name(Naming& naming) { return Field<T>::name(naming) + "?"; }
  static Json encode(const std::optional<T>& value) { return value ? Field<T>::encode(*value) : Json(); }
  static void decode(Decoding& decoding, const Json& json, std::optional<T>& value) {
    value.reset();
    if (!json.is_null()) Field<T>::decode(decoding, json, value.emplace());
  }
  static void fill(std::optional<T>&) {}
};

template <class T>
struct Field<std::vector<T>> {
  static std::string name(Naming& naming) { return "[" + Field<T>::name(naming) + "]"; }
  static Json encode(const std::vector<T>& value) {
    Json out = Json::array();
    for (const T& one : value) out.push_back(Field<T>::encode(one));
    return out;
  }
  static void decode(Decoding& decoding, const Json& json, std::vector<T>& value) {
    if (!json.is_array()) return decoding.want("an array", json);
    value.clear();
    for (const Json& element : json) {
      T one{};
      decoding.at("[" + std::to_string(value.size()) + "]",
                  [&] { Field<T>::decode(decoding, element, one); });
      value.push_back(std::move(one));
    }
  }
  static void fill(std::vector<T>&) {}
};

template <class T>
struct Field<std::map<std::string, T>> {
  static std::string name(Naming& naming) { return "map[" + Field<T>::name(naming) + "]"; }
  static Json encode(const std::map<std::string, T>& value) {
    Json out = Json::object();
    for (const auto& [key, one] : value) out[key] = Field<T>::encode(one);
    return out;
  }
  static void decode(Decoding& decoding, const Json& json, std::map<std::string, T>& value) {
    if (!json.is_object()) return decoding.want("an object", json);
    value.clear();
    for (const auto& [key, element] : json.items())
      decoding.at("[" + key + "]",
                  [&, &key = key, &element = element] {  // clang 14 captures no binding by itself
                    Field<T>::decode(decoding, element, value[key]);
                  });
  }
  static void fill(std::map<std::string, T>&) {}
};

template <class T>
inline constexpr bool may_be_absent = false;
template <class T>
inline constexpr bool may_be_absent<std::optional<T>> = true;

template <Durable T>
struct Field<T> {
  static std::string name(Naming& naming) {
    const std::string_view own = T::durable_type();
    for (const std::string_view outer : naming)
      if (outer == own) return std::string(own);
    naming.push_back(own);
    std::string out;
    T value{};
    T::durable_fields(value, [&]<class F>(std::string_view field, F&) {
      out += (out.empty() ? "" : ",") + std::string(field) + ":" + Field<F>::name(naming);
    });
    naming.pop_back();
    return std::string(own) + "{" + out + "}";
  }

  static Json encode(const T& value) {
    Json out = Json::object();
    T::durable_fields(value, [&]<class F>(std::string_view field, const F& member) {
      out[std::string(field)] = Field<F>::encode(member);
    });
    return out;
  }

  static void decode(Decoding& decoding, const Json& json, T& value) {
    if (std::is_same_v<T, Nothing> && !decoding.refuses_unknown()) return;  // any reply, or none
    if (!json.is_object()) return decoding.want("an object", json);
    std::size_t known = 0;
    T::durable_fields(value, [&]<class F>(std::string_view field, F& member) {
      const auto found = json.find(field);
      known += found != json.end();
      decoding.at(field, [&] {
        if (found != json.end())
          Field<F>::decode(decoding, *found, member);
        else if (!may_be_absent<F>)
          decoding.complain("is missing");
      });
    });
    if (decoding.refuses_unknown() && known < json.size()) complain_of_unknown(decoding, json, value);
  }

  static void fill(T& value) {
    T::durable_fields(value, []<class F>(std::string_view, F& member) { Field<F>::fill(member); });
  }

 private:
  static void complain_of_unknown(Decoding& decoding, const Json& json, T& value) {
    for (const auto& [key, element] : json.items()) {
      bool is_field = false;
      const std::string_view name = key;
      T::durable_fields(value, [&](std::string_view field, auto&) { is_field = is_field || field == name; });
      if (is_field) continue;
      decoding.at(key.empty() ? std::string_view("\"\"") : std::string_view(key),
                  [&] { decoding.complain("is not a field of " + std::string(T::durable_type())); });
    }
  }
};

}  // namespace amends::detail
