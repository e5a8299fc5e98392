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
select saga_id from amends.start_key where shard_id = (select amends.key_shard($1::text, $2::text)) and workflow = $1::text and key = $2::text;

-- name: plans
select plan_id, workflow, version, shape, graph from amends.plan order by workflow, version;

-- Reads the whole saga table.
-- name: counts
select workflow, state, count(*) from amends.saga group by workflow, state order by workflow, state;

-- Indexes: saga_due, saga_live.
-- name: count_sleepers
select (select count(*) from amends.saga s
        where s.shard_id = any ($1::smallint[]) and s.wake_at is not null and s.wake_at > $2::timestamptz),
       (select count(*) from amends.saga s
        where s.shard_id = any ($1::smallint[]) and s.active and s.wake_at is null and s.state = 'needs_operator');

-- The four lists differ in the index that they walk, newest first: so many of each shard, and of those the
-- newest. $1 and $2 bound the id; '' means any; $8 and
-- $9 are the tags that all must match.

-- Index: saga's primary key.
-- name: list
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from amends.shard w cross join lateral (
select s.* from amends.saga s
where s.shard_id = w.shard_id
  and s.saga_id < $1::uuid and s.saga_id >= $2::uuid
  and ($3::text = '' or workflow = $3::text) and ($4::text = '' or state = $4::text)
  and ($5::text = '' or key = $5::text)
  and created_at >= $6::timestamptz
  and created_at < $7::timestamptz
  and not exists (
    select from unnest($8::text[], $9::text[]) as v (name, value)
    where not exists (select from amends.tag x where x.shard_id = w.shard_id and x.saga_id = s.saga_id and x.name = v.name
                      and x.value = v.value))
order by s.saga_id desc limit $10::bigint
) s order by s.saga_id desc limit $10::bigint;

-- Index: saga_live.
-- name: list_active
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from amends.shard w cross join lateral (
select s.* from amends.saga s
where s.shard_id = w.shard_id and s.active
  and s.saga_id < $1::uuid and s.saga_id >= $2::uuid
  and ($3::text = '' or workflow = $3::text) and ($4::text = '' or state = $4::text)
  and ($5::text = '' or key = $5::text)
  and created_at >= $6::timestamptz
  and created_at < $7::timestamptz
  and not exists (
    select from unnest($8::text[], $9::text[]) as v (name, value)
    where not exists (select from amends.tag x where x.shard_id = w.shard_id and x.saga_id = s.saga_id and x.name = v.name
                      and x.value = v.value))
order by s.saga_id desc, s.wake_at desc limit $10::bigint
) s order by s.saga_id desc limit $10::bigint;

-- Index: saga_ended_badly.
-- name: list_ended_badly
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from amends.shard w cross join lateral (
select s.* from amends.saga s
where s.shard_id = w.shard_id and s.ended_badly
  and s.saga_id < $1::uuid and s.saga_id >= $2::uuid
  and ($3::text = '' or workflow = $3::text) and ($4::text = '' or state = $4::text)
  and ($5::text = '' or key = $5::text)
  and created_at >= $6::timestamptz
  and created_at < $7::timestamptz
  and not exists (
    select from unnest($8::text[], $9::text[]) as v (name, value)
    where not exists (select from amends.tag x where x.shard_id = w.shard_id and x.saga_id = s.saga_id and x.name = v.name
                      and x.value = v.value))
order by s.saga_id desc limit $10::bigint
) s order by s.saga_id desc limit $10::bigint;

-- Index: tag_value, then saga's primary key.
-- name: list_tagged
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from amends.shard w cross join lateral (
select s.* from amends.tag t join amends.saga s on s.shard_id = t.shard_id and s.saga_id = t.saga_id
where t.shard_id = w.shard_id and t.name = ($8::text[])[1] and t.value = ($9::text[])[1]
  and t.saga_id < $1::uuid and t.saga_id >= $2::uuid
  and ($3::text = '' or workflow = $3::text) and ($4::text = '' or state = $4::text)
  and ($5::text = '' or key = $5::text)
  and created_at >= $6::timestamptz
  and created_at < $7::timestamptz
  and not exists (
    select from unnest($8::text[], $9::text[]) as v (name, value)
    where not exists (select from amends.tag x where x.shard_id = w.shard_id and x.saga_id = t.saga_id and x.name = v.name
                      and x.value = v.value))
order by t.saga_id desc limit $10::bigint
) s order by s.saga_id desc limit $10::bigint;

-- Undecided ones, oldest first. Index: command_undecided.
-- name: read_commands
select c.command_id, c.kind, c.saga_id, amends.micros(c.at), c.body
from unnest($1::smallint[]) as w (shard_id) cross join lateral (
  select * from amends.command o
  where o.shard_id = w.shard_id and o.command_id > $2::uuid and o.answered_at is null
  order by o.command_id limit $3::bigint
) c
order by c.command_id limit $3::bigint;

-- Index: command's primary key.
-- name: find_done
select c.command_id, c.verdict, c.sentence
from unnest($1::smallint[], $2::uuid[]) as w (shard_id, command_id)
join amends.command c on c.shard_id = w.shard_id and c.command_id = w.command_id
where c.answered_at is not null;

-- Index: saga's primary key.
-- name: find_sagas
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, amends.micros(wake_at),
       amends.micros(created_at), amends.micros(updated_at)
from unnest($1::smallint[], $2::uuid[]) as w (shard_id, saga_id)
join amends.saga s on s.shard_id = w.shard_id and s.saga_id = w.saga_id;

-- Index: saga_live, read through.
-- name: shards
select s.shard_id, coalesce(w.engine_id, ''),
       (select count(*) from amends.saga g where g.shard_id = s.shard_id and g.active)
from amends.shard s left join amends.writer w on w.writer_id = s.writer_id order by s.shard_id;
