-- Who owns what. Order of locks: the writer's row, then shards. The lease is by the server's clock.

-- The engine that has the store alone fences everyone else and owns all shards. Both under the row locks: a commit still on
-- its way is waited for, and seen. Index: writer's primary key.
-- name: take_alone
with others as (
  update amends.writer set epoch = epoch + 1, lease_until = null where writer_id <> 0 and lease_until is not null
), raised as (
  update amends.writer set engine_id = $1::text, epoch = epoch + 1, taken_at = clock_timestamp(), incarnation = $2::text,
    lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond'
  where writer_id = 0
  returning epoch
), owned as (
  update amends.shard set writer_id = 0 where writer_id is distinct from 0
)
select 0, epoch, (select count(*) from amends.shard) from raised;

-- A row of whoever was not heard of for a day, and owns nothing, is given on to an engine that comes for the first time:
-- there are 32767 numbers, and some name their engines anew each time. Its epoch and its commit_seq go on, so that each
-- journal row still names one flush. Index: writer_engine.
-- name: reuse_writer
with idle as materialized (
  select w.writer_id, w.engine_id from amends.writer w left join amends.engine e on e.engine_id = w.engine_id
  where w.writer_id <> 0 and w.taken_at < now() - interval '1 day'
  and coalesce(w.lease_until, e.heartbeat, w.taken_at) < now() - interval '1 day'
  and not exists (select from amends.shard s where s.writer_id = w.writer_id)
  and not exists (select from amends.writer o where o.engine_id = $1::text and o.writer_id <> 0)
  order by w.writer_id limit 1 for update of w skip locked
), renamed as (
  update amends.engine e set engine_id = $1::text, heartbeat = now() from idle i
  where e.engine_id = i.engine_id and not exists (select from amends.engine o where o.engine_id = $1::text)
)
update amends.writer w set engine_id = $1::text, epoch = w.epoch + 1, lease_until = null, incarnation = '',
  backend_pid = null, backend_start = null
from idle i where w.writer_id = i.writer_id
returning w.writer_id;

-- Index: writer_engine, which two that come at once meet in.
-- name: ensure_writer
with added as (
  insert into amends.writer (writer_id, engine_id, epoch)
  select max(writer_id) + 1, $1::text, 0 from amends.writer
  having not exists (select from amends.writer where engine_id = $1::text and writer_id <> 0)
  on conflict do nothing
  returning writer_id
)
insert into amends.flush (writer_id, commit_seq, epoch) select writer_id, 0, 0 from added;

-- Asked after the epoch was raised, not with it: what raised it may have waited for a flush that it does not see. No
-- later one can be of an older epoch. Index: flush's primary key, from its end.
-- name: last_flush
select max(commit_seq) from amends.flush where writer_id = $1::smallint;

-- Our own connection of before, which may still hold the row; also that of another incarnation, once its lease is over.
-- Another role's is not ours to end.
-- name: end_own_backend
select pg_terminate_backend(a.pid, 1000)
from amends.writer w join pg_stat_activity a on a.pid = w.backend_pid and a.backend_start = w.backend_start
where w.engine_id = $1::text and w.writer_id <> 0 and (w.incarnation = $2::text or w.lease_until < clock_timestamp())
and a.pid <> pg_backend_pid() and a.usename = current_user;

-- Refused while another incarnation lives: its lease stands and its connection is there (another role's shows no start).
-- name: join_writers
with held as materialized (
  select w.writer_id, w.incarnation, w.backend_pid, w.taken_at,
    coalesce(w.incarnation <> $2::text and w.lease_until >= clock_timestamp() and exists (
      select from pg_stat_activity a where a.pid = w.backend_pid
      and coalesce(a.backend_start, w.backend_start) = w.backend_start), false) as lives
  from amends.writer w where w.engine_id = $1::text and w.writer_id <> 0 for update
), raised as (
  update amends.writer w set epoch = w.epoch + 1, incarnation = $2::text, taken_at = clock_timestamp(),
    lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond', backend_pid = pg_backend_pid(),
    backend_start = (select a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid())
  from held h where w.writer_id = h.writer_id and not h.lives
  returning w.writer_id, w.epoch
)
select r.writer_id, r.epoch, (select count(*) from amends.shard), h.backend_pid,
       to_char(h.taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), e.address
from held h left join raised r on r.writer_id = h.writer_id
left join amends.engine e on e.engine_id = $1::text;

-- name: introduce
insert into amends.engine (engine_id, address, version, schema_oldest, schema_newest, heartbeat)
values ($1::text, $2::text, $3::text, $4::integer, $5::integer, now())
on conflict (engine_id) do update set address = excluded.address, version = excluded.version,
  schema_oldest = excluded.schema_oldest, schema_newest = excluded.schema_newest, heartbeat = excluded.heartbeat;

-- From version 4 of the schema on.
-- name: say_keys_retention
update amends.engine set keys_retention = $2::bigint * interval '1 millisecond' where engine_id = $1::text;

-- The dead are passed over while their last commit is on its way: it holds their row. Says how many those are.
-- name: tend
with fence as (
  update amends.writer set lease_until = now() + $3::bigint * interval '1 millisecond'
  where writer_id = $1::smallint and epoch = $2::integer
  returning writer_id
), dead as materialized (
  select w.writer_id, w.engine_id, w.lease_until from amends.writer w
  where w.lease_until < now() and w.writer_id <> $1::smallint
  for update skip locked
), buried as (
  update amends.writer w set epoch = w.epoch + 1, lease_until = null from fence, dead d where w.writer_id = d.writer_id
  returning w.writer_id
), heard as (
  update amends.engine e set heartbeat = d.lease_until from fence, dead d where e.engine_id = d.engine_id
), freed as (
  update amends.shard s set writer_id = null from buried b where s.writer_id = b.writer_id
)
select count(*), (select count(*) from amends.writer w where w.lease_until < now() and w.writer_id <> $1::smallint
                  and w.writer_id not in (select writer_id from dead))
from fence;

-- A connection that hangs in a lock, or writes to a client that is gone, would hold its row for ever. Terminated, it rolls
-- back; what it had committed stands, and is found. Another role's is not ours to end.
-- name: end_late_backends
select count(pg_terminate_backend(a.pid, 200))
from amends.writer w join pg_stat_activity a on a.pid = w.backend_pid and a.backend_start = w.backend_start
where w.lease_until < now() and w.writer_id <> $1::smallint and a.pid <> pg_backend_pid() and a.usename = current_user;

-- name: claim
with fence as (
  select writer_id from amends.writer where writer_id = $1::smallint and epoch = $2::integer for share
), alive as materialized (
  select greatest(count(*), 1) as n from amends.writer where lease_until >= now()
), owned as materialized (
  select shard_id from amends.shard where writer_id = $1::smallint
), even as materialized (
  select ((select count(*) from amends.shard) + n - 1) / n as n from alive
), free as materialized (
  select shard_id from amends.shard where writer_id is null order by shard_id
  limit (select greatest(e.n - (select count(*) from owned), 0) from even e)
  for update skip locked
), claimed as (
  update amends.shard s set writer_id = $1::smallint from fence, free f
  where s.shard_id = f.shard_id and s.writer_id is null
  returning s.shard_id
), ours as (
  select shard_id from owned union all select shard_id from claimed
)
select (select count(*) from fence), (select n from alive), (select n from even),
       (select string_agg(shard_id::text, ',' order by shard_id) from ours);

-- name: give_up
with fence as (
  select writer_id from amends.writer where writer_id = $1::smallint and epoch = $2::integer for share
), given as (
  update amends.shard s set writer_id = null from fence
  where s.shard_id = any ($3::smallint[]) and s.writer_id = fence.writer_id
)
select (select count(*) from fence), pg_notify('amends_shards', '');

-- name: leave
with fence as (
  update amends.writer set epoch = epoch + 1, lease_until = null, backend_pid = null, backend_start = null
  where writer_id = $1::smallint and epoch = $2::integer
  returning writer_id, engine_id
), heard as (
  update amends.engine e set heartbeat = now() from fence where e.engine_id = fence.engine_id
), freed as (
  update amends.shard s set writer_id = null from fence where s.writer_id = fence.writer_id
)
select (select count(*) from fence), pg_notify('amends_shards', '');

-- Safe twice: the id is the caller's. Index: command's primary key.
-- name: post_command
insert into amends.command (shard_id, command_id, kind, saga_id, at, body)
values ($1::smallint, $2::uuid, $3::text, $4::uuid, $5::timestamptz, $6::text)
on conflict do nothing;

-- A hint need not be durable, and a commit that notifies holds a lock of the whole database until it is.
-- name: wake_owner
select set_config('synchronous_commit', 'off', true), pg_notify('amends_commands', $1::text);
