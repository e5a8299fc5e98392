// The barrier's table: one shape for both databases.
#pragma once

namespace amends {

inline constexpr const char* barrier_schema = R"sql(
create table if not exists amends_barrier (
  saga      text    not null,
  step      text    not null,
  direction text    not null check (direction in ('run', 'undo')),
  revision  integer not null,
  code      text    not null check (code in ('applied', 'rejected', 'empty_undo')),
  status    integer not null,
  body      text    not null,
  at_ms     integer not null,
  primary key (saga, step, direction, revision)
) without rowid
)sql";

inline constexpr const char* barrier_schema_postgres = R"sql(
create table if not exists amends_barrier (
  saga      text    not null collate "C",
  step      text    not null collate "C",
  direction text    not null check (direction in ('run', 'undo')),
  revision  bigint  not null,
  code      text    not null check (code in ('applied', 'rejected', 'empty_undo')),
  status    integer not null,
  body      text    not null,
  at_ms     bigint  not null,
  primary key (saga, step, direction, revision)
)
)sql";

}  // namespace amends
