// Parameters in PostgreSQL's binary format. libpqxx has no arrays, cuts text at NUL, and pays for printing
// numbers; a binarystring it passes on as it is. Source: PostgreSQL 15, src/backend/utils/adt/arrayfuncs.c
// (array_recv) and the *recv functions of each type.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <pqxx/binarystring>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/postgres_types.hpp"
#include "engine/base/saga_id.hpp"
#include "engine/base/time.hpp"

namespace amends::postgres {

// Bytes of one value or of one array's elements, big-endian.
class Bytes {
 public:
  void put(std::uint64_t value, int bytes) {
    std::array<char, 8> all;
    for (std::size_t i = 0; i < 8; ++i) all[i] = static_cast<char>(value >> (56 - 8 * i));
    out_.append(all.data() + 8 - bytes, static_cast<std::size_t>(bytes));
  }
  // An element: its length before it.
  void put_sized(std::uint64_t value, int bytes) {
    std::array<char, 12> all{0, 0, 0, static_cast<char>(bytes)};
    for (int i = 0; i < bytes; ++i)
      all[static_cast<std::size_t>(4 + i)] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
    out_.append(all.data(), static_cast<std::size_t>(4 + bytes));
  }
  void put(std::string_view text) { out_.append(text); }
  // In place of what is there.
  void set(std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) out_[at + i] = static_cast<char>(value >> (24 - 8 * i));
  }
  std::string& out() { return out_; }

 private:
  std::string out_;
};

// The elements of an array, in order.
class Array {
 public:
  // Room for so many bytes of elements, their lengths among them, is made beforehand.
  Array(Type type, std::size_t bytes_guess);

  void small(std::uint16_t value) { number(value, 2); }
  void integer(std::uint32_t value) { number(value, 4); }
  void big(std::uint64_t value) { number(value, 8); }
  void boolean(bool value) { number(value ? 1 : 0, 1); }
  void time(engine::WallTime value);
  void maybe_time(std::optional<engine::WallTime> value);
  void id(const engine::SagaId& value);
  void text(std::string_view value);

  pqxx::binarystring done();

 private:
  void number(std::uint64_t value, int bytes) {
    bytes_.put_sized(value, bytes);
    ++count_;
  }

  const Type type_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
  Bytes bytes_;
};

// A statement's parameters, $1 first.
class Params {
 public:
  Params& small(std::uint16_t value) { return number(value, 2); }
  Params& integer(std::uint64_t value) { return number(value, 4); }
  Params& big(std::uint64_t value) { return number(value, 8); }
  Params& time(engine::WallTime value);
  Params& forever_ago() { return number(std::uint64_t{1} << 63, 8); }  // '-infinity'
  Params& never() { return number((std::uint64_t{1} << 63) - 1, 8); }  // 'infinity'
  Params& id(const engine::SagaId& value);
  Params& text(std::string_view value);

  // An array with one element a row: element(array, row) adds it.
  template <typename Rows, typename Element>
  Params& array(Type type, const Rows& rows, Element element) {
    return array(type, rows, 20 * rows.size(), element);
  }
  template <typename Rows, typename Element>
  Params& array(Type type, const Rows& rows, std::size_t bytes_guess, Element element) {
    Array out(type, bytes_guess);
    for (const auto& row : rows) element(out, row);
    values_.push_back(out.done());
    return *this;
  }

  void reserve(std::size_t count) { values_.reserve(count); }
  const std::vector<pqxx::binarystring>& values() const { return values_; }

 private:
  Params& number(std::uint64_t value, int bytes);

  std::vector<pqxx::binarystring> values_;
};

}  // namespace amends::postgres
