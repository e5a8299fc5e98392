-- What has had its time leaves, over a connection of its own with the writer's settings: plans by index, made once.

-- What comes back after a crash leaves again: nobody waits for the disk.
-- name: retention_session
select set_config('synchronous_commit', 'off', false);

-- Walks up from the oldest; says how many were looked at and which was the last, whatever left. Index: saga's primary key.
-- name: find_ended
with looked as materialized (
  select * from amends.saga
  where shard_id = $1::smallint and saga_id > $2::uuid and saga_id < $3::uuid order by saga_id limit $5::bigint
)
select l.saga_id, l.plan_id, l.workflow, l.key, l.state, l.step, l.error_class, l.seq, l.active, amends.micros(l.wake_at),
       amends.micros(l.created_at), amends.micros(l.updated_at), c.n, c.last
from (select count(*) as n, (select saga_id from looked order by saga_id desc limit 1) as last from looked) c
left join looked l on not l.active and l.updated_at < $4::timestamptz
order by l.saga_id;

-- Index: tag's primary key.
-- name: load_tags
select t.saga_id, t.name, t.value
from unnest($1::smallint[], $2::uuid[]) as w (shard_id, saga_id)
join amends.tag t on t.shard_id = w.shard_id and t.saga_id = w.saga_id
order by t.saga_id, t.name;

-- name: retire
select amends.retire($1::uuid[]);

-- Index: start_key's primary key.
-- name: keep_keys
update amends.start_key k set until = w.until
from unnest($1::text[], $2::text[], $3::uuid[], $4::timestamptz[]) as w (workflow, key, saga_id, until)
where k.shard_id = amends.key_shard(w.workflow, w.key) and k.workflow = w.workflow and k.key = w.key
  and k.saga_id = w.saga_id and k.until < w.until;

-- A saga that is not there was retired, or is yet to be started by a command. Index: start_key_until finds the expired
-- ones, saga's primary key whether theirs is long over, command_undecided whether it is awaited.
-- name: forget_keys
with expired as materialized (
  select k.shard_id, k.workflow, k.key from amends.start_key k
  where k.until <= $1::timestamptz and coalesce(
    (select not s.active and s.updated_at < $2::timestamptz
     from amends.saga s where s.shard_id = amends.shard_of(k.saga_id) and s.saga_id = k.saga_id),
    not exists (select from amends.command c where c.shard_id = amends.shard_of(k.saga_id) and c.answered_at is null
                and c.saga_id = k.saga_id and c.kind = 'start'))
  order by k.until limit $3::bigint
  for update of k skip locked
), gone as (
  delete from amends.start_key k using expired e
  where k.shard_id = e.shard_id and k.workflow = e.workflow and k.key = e.key
  returning 1
)
select count(*) from gone;

-- An id carries the time at which the command was accepted. Index: command's primary key.
-- name: forget_commands
with old as materialized (
  select c.shard_id, c.command_id
  from unnest($1::smallint[]) as w (shard_id) cross join lateral (
    select o.shard_id, o.command_id from amends.command o
    where o.shard_id = w.shard_id and o.command_id < $3::uuid and o.answered_at < $2::timestamptz
    order by o.command_id limit $4::bigint
  ) c
  limit $4::bigint
), gone as (
  delete from amends.command c using old o where c.shard_id = o.shard_id and c.command_id = o.command_id
  returning 1
)
select count(*) from gone;
