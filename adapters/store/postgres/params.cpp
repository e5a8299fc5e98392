#include "adapters/store/postgres/params.hpp"

namespace amends::postgres {
namespace {

constexpr std::size_t header_bytes = 20;
// 2000-01-01 UTC, from which PostgreSQL counts.
constexpr std::int64_t epoch_micros = 946'684'800LL * 1'000'000;

std::uint64_t postgres_micros(engine::WallTime at) {
  return static_cast<std::uint64_t>(engine::to_micros(at)) - static_cast<std::uint64_t>(epoch_micros);
}

std::string_view bytes_of(const engine::SagaId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

}  // namespace

Array::Array(Type type, std::size_t bytes_guess) : type_(type) {
  bytes_.out().reserve(header_bytes + bytes_guess);
  bytes_.out().assign(header_bytes, '\0');
}

void Array::time(engine::WallTime value) {
  number(postgres_micros(value), 8);
}

void Array::maybe_time(std::optional<engine::WallTime> value) {
  if (value) return time(*value);
  bytes_.put(0xffffffff, 4);
  ++count_;
  has_null_ = true;
}

void Array::id(const engine::SagaId& value) {
  text(bytes_of(value));
}

void Array::text(std::string_view value) {
  bytes_.put(value.size(), 4);
  bytes_.put(value);
  ++count_;
}

pqxx::binarystring Array::done() {
  bytes_.set(0, count_ == 0 ? 0 : 1);  // dimensions
  bytes_.set(4, has_null_ ? 1 : 0);
  bytes_.set(8, static_cast<std::uint32_t>(type_));
  bytes_.set(12, count_);
  bytes_.set(16, 1);  // the first index
  std::string& out = bytes_.out();
  // An array of no dimensions ends before their sizes.
  if (count_ == 0) out.resize(12);
  return pqxx::binarystring(out.data(), out.size());
}

Params& Params::number(std::uint64_t value, int bytes) {
  Bytes out;
  out.put(value, bytes);
  values_.emplace_back(out.out());
  return *this;
}

Params& Params::time(engine::WallTime value) {
  return number(postgres_micros(value), 8);
}

Params& Params::id(const engine::SagaId& value) {
  return text(bytes_of(value));
}

Params& Params::text(std::string_view value) {
  values_.emplace_back(value.data(), value.size());
  return *this;
}

}  // namespace amends::postgres
