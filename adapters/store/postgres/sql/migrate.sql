-- What a role or a database limits is meant for short statements.
-- name: migration_session
select set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false);

-- Polled, never waited for: whoever waits inside a statement holds a snapshot, and the indexes that the other one builds
-- concurrently would wait for that snapshot. The lock is the session's: it ends with the connection.
-- name: try_lock_migrations
select pg_try_advisory_lock(7091318394250318);

-- name: ensure_schema
create schema if not exists amends;

-- engines_since: the schema version that an engine must know to run here. is_ready: its indexes are built, too.
-- name: ensure_schema_version
create table if not exists amends.schema_version (
  version        integer     primary key,
  engines_since  integer     not null,
  is_ready       boolean     not null,
  migrated_at    timestamptz not null default now()
);

-- name: describe_server
select to_regclass('amends.schema_version') is not null, current_setting('server_encoding'),
       current_setting('server_version_num')::integer, current_setting('server_version');

-- name: find_schema_version
select coalesce(max(version), 0), coalesce(max(version) filter (where is_ready), 0), coalesce(max(engines_since), 0)
from amends.schema_version;

-- name: count_shards
select count(*) from amends.shard;

-- name: add_schema_version
insert into amends.schema_version (version, engines_since, is_ready) values ($1::integer, $2::integer, false);

-- name: set_schema_ready
update amends.schema_version set is_ready = true where version = $1::integer;

-- No row where there is no index of that name. A name is no parameter: the server writes the statement.
-- name: find_index
select indisvalid, format('drop index concurrently amends.%I', $1::text) from pg_index where indexrelid = to_regclass('amends.' || quote_ident($1::text));

-- Other roles' sessions show no more than their process, unless we may see all.
-- name: find_table_holder
select format('the server''s process %s', a.pid) || coalesce(format(' (%s)', nullif(a.usename, '')), '')
  || coalesce(', whose transaction is open since ' || to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '')
from pg_locks l join pg_class c on c.oid = l.relation join pg_stat_activity a on a.pid = l.pid
where c.relnamespace = 'amends'::regnamespace and l.granted and a.pid <> pg_backend_pid()
order by a.xact_start nulls last limit 1;
