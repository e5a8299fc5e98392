// The object ids of PostgreSQL's pg_type that we name, fixed for ever. Source: PostgreSQL 15,
// src/include/catalog/pg_type.dat.
#pragma once
#include <cstdint>

namespace amends::postgres {

enum class Type : std::uint32_t {
  boolean = 16,
  bigint = 20,
  smallint = 21,
  integer = 23,
  text = 25,
  oid = 26,
  json = 114,
  float4 = 700,
  float8 = 701,
  timestamptz = 1184,
  uuid = 2950,
  jsonb = 3802,
};

}  // namespace amends::postgres
