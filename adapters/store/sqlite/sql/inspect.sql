-- Everything, from front to back, for whoever checks it. A page is one read transaction; ids that are none are strays.

-- Index: saga's primary key; start_key's for whether the key leads here.
-- name: inspect_sagas
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at, created_at, updated_at,
       active = 1 and key <> '' and not exists (
         select 1 from start_key k where k.shard_id = 0 and k.workflow = saga.workflow and k.key = saga.key
         and k.saga_id = saga.saga_id)
from saga where shard_id = 0 and saga_id > ?1 and saga_id <= ?2 and length(saga_id) = 16 order by saga_id limit ?3;

-- Index: tag's primary key, saga's primary key.
-- name: inspect_lost_tags
select distinct saga_id from tag where shard_id = 0 and saga_id > ?1 and saga_id <= ?2 and length(saga_id) = 16
and not exists (select 1 from saga s where s.shard_id = 0 and s.saga_id = tag.saga_id) order by saga_id limit ?3;

-- Index: journal's primary key.
-- name: inspect_journal
select saga_id, seq, at, body, epoch, commit_seq, writer_id from journal
where shard_id = 0 and saga_id > ?1 and saga_id <= ?2 and length(saga_id) = 16 order by saga_id, seq;

-- name: inspect_writers
select writer_id, epoch, commit_seq from writer order by writer_id;

-- name: stray_sagas
select count(*) from saga
where shard_id is not 0 or typeof(saga_id) <> 'blob' or length(saga_id) <> 16 or saga_id = zeroblob(16);

-- name: stray_journal
select count(*) from journal
where shard_id is not 0 or typeof(saga_id) <> 'blob' or length(saga_id) <> 16 or saga_id = zeroblob(16);

-- name: stray_tags
select count(*) from tag
where shard_id is not 0 or typeof(saga_id) <> 'blob' or length(saga_id) <> 16 or saga_id = zeroblob(16);

-- name: stray_keys
select count(*) from start_key where shard_id is not 0;

-- A key whose saga has another one, or none. A key without a saga is none: it outlives the saga.
-- name: wrong_keys
select count(*) from start_key k join saga s on s.shard_id = 0 and s.saga_id = k.saga_id
where s.workflow <> k.workflow or s.key <> k.key;
