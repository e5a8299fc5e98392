-- Index: saga's primary key.
-- name: find_saga
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at, created_at, updated_at
from saga where shard_id = 0 and saga_id = ?1;

-- Index: journal's primary key.
-- name: read_journal
select saga_id, seq, at, body, epoch, commit_seq from journal
where shard_id = 0 and saga_id = ?1 and seq > ?2 order by seq limit ?3;

-- Index: tag's primary key.
-- name: read_tags
select name, value from tag where shard_id = 0 and saga_id = ?1 order by name;

-- Index: start_key's primary key.
-- name: find_start_key
select saga_id from start_key where shard_id = 0 and workflow = ?1 and key = ?2;

-- name: plans
select plan_id, workflow, version, shape, graph from plan order by workflow, version;

-- Reads the whole saga table.
-- name: counts
select workflow, state, count(*) from saga group by workflow, state order by workflow, state;

-- Indexes: saga_wakes, saga_active.
-- name: count_sleepers
select (select count(*) from saga indexed by saga_wakes where shard_id = 0 and wake_at is not null and wake_at > ?1),
       (select count(*) from saga indexed by saga_active
        where shard_id = 0 and active = 1 and wake_at is null and state = 'needs_operator');

-- The four lists differ in the index that they walk, newest first. ?1 and ?2 bound the id; '' and null mean any.

-- Index: saga's primary key.
-- name: list
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at, created_at, updated_at
from saga
where shard_id = 0 and saga_id < ?1 and saga_id >= ?2
  and (?3 = '' or workflow = ?3) and (?4 = '' or state = ?4) and (?5 = '' or key = ?5)
  and (?6 is null or created_at >= ?6) and (?7 is null or created_at < ?7)
order by saga_id desc;

-- Index: saga_active.
-- name: list_active
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at, created_at, updated_at
from saga indexed by saga_active
where shard_id = 0 and active = 1 and saga_id < ?1 and saga_id >= ?2
  and (?3 = '' or workflow = ?3) and (?4 = '' or state = ?4) and (?5 = '' or key = ?5)
  and (?6 is null or created_at >= ?6) and (?7 is null or created_at < ?7)
order by saga_id desc;

-- Index: saga_ended_badly.
-- name: list_ended_badly
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at, created_at, updated_at
from saga indexed by saga_ended_badly
where shard_id = 0 and active = 0 and state <> 'completed' and state = ?4 and saga_id < ?1 and saga_id >= ?2
  and (?3 = '' or workflow = ?3) and (?5 = '' or key = ?5)
  and (?6 is null or created_at >= ?6) and (?7 is null or created_at < ?7)
order by saga_id desc;

-- Index: tag_value, then saga's primary key.
-- name: list_tagged
select s.saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at, created_at, updated_at
from tag t cross join saga s on s.shard_id = 0 and s.saga_id = t.saga_id
where t.shard_id = 0 and t.name = ?8 and t.value = ?9 and t.saga_id < ?1 and t.saga_id >= ?2
  and (?3 = '' or workflow = ?3) and (?4 = '' or state = ?4) and (?5 = '' or key = ?5)
  and (?6 is null or created_at >= ?6) and (?7 is null or created_at < ?7)
order by t.saga_id desc;

-- The oldest, whatever their state: what retention walks over. Index: saga's primary key.
-- name: list_upwards
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at, created_at, updated_at
from saga where shard_id = 0 and saga_id > ?1 and saga_id < ?2 order by saga_id limit ?3;
