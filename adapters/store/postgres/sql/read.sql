-- Index: saga's primary key.
-- name: find_saga
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from amends.saga where shard_id = $1::smallint and saga_id = $2::uuid;

-- Index: journal's primary key.
-- name: read_journal
select saga_id, seq, amends.micros(at), body, epoch, commit_seq from amends.journal
where shard_id = $1::smallint and saga_id = $2::uuid and seq > $3::bigint order by seq limit $4::bigint;

-- Index: tag's primary key.
-- name: read_tags
select name, value from amends.tag where shard_id = $1::smallint and saga_id = $2::uuid order by name;

-- Index: start_key's primary key.
-- name: find_start_key
select saga_id from amends.start_key where shard_id = 0 and workflow = $1::text and key = $2::text;

-- name: plans
select plan_id, workflow, version, shape, graph from amends.plan order by workflow, version;

-- Reads the whole saga table.
-- name: counts
select workflow, state, count(*) from amends.saga group by workflow, state order by workflow, state;

-- The four lists differ in the index that they walk, newest first. $1 and $2 bound the id; '' means any; $8 and
-- $9 are the tags that all must match.

-- Index: saga's primary key.
-- name: list
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from amends.saga s
where s.shard_id = 0
  and s.saga_id < $1::uuid and s.saga_id >= $2::uuid
  and ($3::text = '' or workflow = $3::text) and ($4::text = '' or state = $4::text)
  and ($5::text = '' or key = $5::text)
  and created_at >= $6::timestamptz
  and created_at < $7::timestamptz
  and not exists (
    select from unnest($8::text[], $9::text[]) as w (name, value)
    where not exists (select from amends.tag x where x.shard_id = 0 and x.saga_id = s.saga_id and x.name = w.name
                      and x.value = w.value))
order by s.saga_id desc limit $10::bigint;

-- Index: saga_active.
-- name: list_active
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from amends.saga s
where s.shard_id = 0 and s.active
  and s.saga_id < $1::uuid and s.saga_id >= $2::uuid
  and ($3::text = '' or workflow = $3::text) and ($4::text = '' or state = $4::text)
  and ($5::text = '' or key = $5::text)
  and created_at >= $6::timestamptz
  and created_at < $7::timestamptz
  and not exists (
    select from unnest($8::text[], $9::text[]) as w (name, value)
    where not exists (select from amends.tag x where x.shard_id = 0 and x.saga_id = s.saga_id and x.name = w.name
                      and x.value = w.value))
order by s.saga_id desc limit $10::bigint;

-- Index: saga_ended_badly.
-- name: list_ended_badly
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from amends.saga s
where s.shard_id = 0 and s.ended_badly
  and s.saga_id < $1::uuid and s.saga_id >= $2::uuid
  and ($3::text = '' or workflow = $3::text) and ($4::text = '' or state = $4::text)
  and ($5::text = '' or key = $5::text)
  and created_at >= $6::timestamptz
  and created_at < $7::timestamptz
  and not exists (
    select from unnest($8::text[], $9::text[]) as w (name, value)
    where not exists (select from amends.tag x where x.shard_id = 0 and x.saga_id = s.saga_id and x.name = w.name
                      and x.value = w.value))
order by s.saga_id desc limit $10::bigint;

-- Index: tag_value, then saga's primary key.
-- name: list_tagged
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from amends.tag t join amends.saga s on s.shard_id = 0 and s.saga_id = t.saga_id
where t.shard_id = 0 and t.name = ($8::text[])[1] and t.value = ($9::text[])[1]
  and t.saga_id < $1::uuid and t.saga_id >= $2::uuid
  and ($3::text = '' or workflow = $3::text) and ($4::text = '' or state = $4::text)
  and ($5::text = '' or key = $5::text)
  and created_at >= $6::timestamptz
  and created_at < $7::timestamptz
  and not exists (
    select from unnest($8::text[], $9::text[]) as w (name, value)
    where not exists (select from amends.tag x where x.shard_id = 0 and x.saga_id = t.saga_id and x.name = w.name
                      and x.value = w.value))
order by t.saga_id desc limit $10::bigint;
