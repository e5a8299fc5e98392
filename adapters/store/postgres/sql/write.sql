-- The shard is compared column with column, never with a constant, wherever rows are looked up for a list: a constant
-- makes walking the whole shard look cheap on a table that was never analyzed, and the plan stays.

-- Who has the keys that were taken. Index: start_key's primary key.
-- name: find_claimed_keys
select w.n, k.saga_id, k.body_hash
from unnest($1::smallint[], $2::text[], $3::text[]) with ordinality as w (shard_id, workflow, key, n)
join amends.start_key k on k.shard_id = w.shard_id and k.workflow = w.workflow and k.key = w.key;

-- The fence of the verbs that are not flushes: the row is held, and a take-over waits, until they are through.
-- name: add_plans
with fence as (
  select writer_id from amends.writer where writer_id = $1::smallint and epoch = $2::integer for share
), added as (
  insert into amends.plan (plan_id, workflow, version, shape, graph)
  select p.* from fence, unnest($3::text[], $4::text[], $5::integer[], $6::text[], $7::text[])
    as p (plan_id, workflow, version, shape, graph)
  on conflict (plan_id) do nothing
)
select count(*) from fence;

-- name: read_plan_shapes
select plan_id, shape from amends.plan where plan_id = any ($1::text[]);

-- Index: saga_live, which tells who waits without their rows. The order is its own: where nothing was analyzed, the
-- primary key would look as good, and reads the rows of all that sleep.
-- name: load_live
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from amends.saga
where shard_id = $1::smallint and active and wake_at is null and saga_id > $2::uuid and state <> 'needs_operator'
order by saga_id, wake_at limit $3::bigint;

-- Index: saga_due.
-- name: load_due
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(s.wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from unnest($1::smallint[], $2::timestamptz[], $3::uuid[]) as w (shard_id, wake_at, saga_id) cross join lateral (
  select * from amends.saga o
  where o.shard_id = w.shard_id and o.wake_at is not null and o.wake_at <= $4::timestamptz
    and (o.wake_at, o.saga_id) > (w.wake_at, w.saga_id) and o.active
  order by o.wake_at, o.saga_id limit $5::bigint
) s;

-- Index: saga's primary key.
-- name: load_sagas
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from unnest($1::smallint[], $2::uuid[]) as w (shard_id, saga_id)
join amends.saga s on s.shard_id = w.shard_id and s.saga_id = w.saga_id
where s.active order by s.saga_id;

-- Index: journal's primary key.
-- name: load_journals
select j.saga_id, j.seq, amends.micros(j.at), j.body, j.epoch, j.commit_seq
from unnest($1::smallint[], $2::uuid[]) as w (shard_id, saga_id)
join amends.journal j on j.shard_id = w.shard_id and j.saga_id = w.saga_id
order by j.saga_id, j.seq;

-- Of our flushes only the last ones tell anything. Index: flush's primary key, from its beginning.
-- name: purge_flushes
with fence as (
  select writer_id from amends.writer where writer_id = $1::smallint and epoch = $2::integer for share
), gone as (
  delete from amends.flush f using fence
  where f.writer_id = $1::smallint and f.commit_seq < $3::bigint
  returning 1
)
select (select count(*) from fence), (select count(*) from gone);
