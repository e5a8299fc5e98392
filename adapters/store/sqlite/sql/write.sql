-- name: begin
begin immediate;

-- name: commit
commit;

-- name: rollback
rollback;

-- The fence, first in every flush: one row or the flush is off.
-- name: claim_commit_seq
update writer set commit_seq = ?2 where writer_id = 0 and epoch = ?1 and commit_seq = ?2 - 1;

-- Raises the epoch. Index: writer's primary key.
-- name: raise_epoch
insert into writer (writer_id, engine_id, epoch, commit_seq, taken_at) values (0, ?1, 1, 0, ?2)
on conflict (writer_id) do update set engine_id = ?1, epoch = epoch + 1, taken_at = ?2
returning epoch, commit_seq;

-- The fence of the verbs that are not flushes.
-- name: find_epoch
select epoch from writer where writer_id = 0;

-- Index: start_key's primary key decides who has the key.
-- name: claim_start_key
insert into start_key (shard_id, workflow, key, body_hash, saga_id, until) values (0, ?1, ?2, ?3, ?4, ?5)
on conflict (shard_id, workflow, key) do nothing;

-- Index: start_key's primary key.
-- name: find_claimed_key
select saga_id, body_hash from start_key where shard_id = 0 and workflow = ?1 and key = ?2;

-- name: insert_saga
insert into saga (shard_id, saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at,
                  created_at, updated_at)
values (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12);

-- What was fixed at the start stays fixed. Index: saga's primary key.
-- name: update_saga
update saga set state = ?2, step = ?3, error_class = ?4, seq = ?5, active = ?6, wake_at = ?7, updated_at = ?8
where shard_id = 0 and saga_id = ?1;

-- name: insert_journal
insert into journal (shard_id, saga_id, seq, at, writer_id, epoch, commit_seq, body)
values (0, ?1, ?2, ?3, 0, ?4, ?5, ?6);

-- name: insert_tag
insert into tag (shard_id, saga_id, name, value) values (0, ?1, ?2, ?3);

-- name: insert_plan
insert into plan (plan_id, workflow, version, shape, graph) values (?1, ?2, ?3, ?4, ?5)
on conflict (plan_id) do nothing;

-- name: find_plan_shape
select shape from plan where plan_id = ?1;

-- Index: saga_active, which tells who waits without their rows.
-- name: load_live
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at, created_at, updated_at
from saga indexed by saga_active
where shard_id = 0 and active = 1 and wake_at is null and saga_id > ?1 and state <> 'needs_operator'
order by saga_id limit ?2;

-- Index: saga_wakes.
-- name: load_due
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at, created_at, updated_at
from saga indexed by saga_wakes
where shard_id = 0 and wake_at is not null and wake_at >= ?1 and (wake_at, saga_id) > (?1, ?2) and wake_at <= ?3
  and active = 1 order by wake_at, saga_id limit ?4;

-- Index: saga's primary key.
-- name: load_saga
select saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at, created_at, updated_at
from saga where shard_id = 0 and saga_id = ?1 and active = 1;

-- Index: journal's primary key.
-- name: load_journal
select saga_id, seq, at, body, epoch, commit_seq from journal
where shard_id = 0 and saga_id = ?1 order by seq;

-- Index: start_key's primary key.
-- name: keep_key
update start_key set until = ?4
where shard_id = 0 and workflow = ?1 and key = ?2 and saga_id = ?3 and until < ?4;

-- Index: start_key_until finds the expired ones, saga's primary key whether theirs is long over.
-- name: forget_keys
delete from start_key where rowid in (
  select k.rowid from start_key k indexed by start_key_until
  where k.shard_id = 0 and k.until <= ?1 and not exists (
    select 1 from saga s
    where s.shard_id = 0 and s.saga_id = k.saga_id and (s.active = 1 or s.updated_at >= ?2))
  order by k.until limit ?3);

-- Only what is over leaves. Index: saga's primary key.
-- name: retire_saga
delete from saga where shard_id = 0 and saga_id = ?1 and active = 0;

-- Index: journal's primary key.
-- name: retire_journal
delete from journal where shard_id = 0 and saga_id = ?1;

-- Index: tag's primary key.
-- name: retire_tags
delete from tag where shard_id = 0 and saga_id = ?1;
