-- Held until the transaction ends: of two migrations at once the second waits, and then finds nothing to do.
-- name: lock_migrations
select pg_advisory_xact_lock(7091318394250318);

-- name: ensure_schema
create schema if not exists amends;

-- name: ensure_schema_version
create table if not exists amends.schema_version (
  version      integer     primary key,
  migrated_at  timestamptz not null default now()
);

-- name: has_schema_version
select to_regclass('amends.schema_version') is not null, current_setting('server_encoding');

-- name: find_schema_version
select coalesce(max(version), 0) from amends.schema_version;

-- name: add_schema_version
insert into amends.schema_version (version) values ($1::integer);
