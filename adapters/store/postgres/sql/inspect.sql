-- Everything, from front to back, for whoever checks it. A page is one repeatable-read transaction of a few statements;
-- an autovacuum is held up no longer than that.

-- Pages go by index also on tables that were never analyzed.
-- name: inspection_session
select set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('enable_seqscan', 'off', false),
       set_config('enable_bitmapscan', 'off', false),
       set_config('jit', 'off', false),
       set_config('default_transaction_read_only', 'on', false),
       set_config('default_transaction_isolation', 'repeatable read', false),
       set_config('statement_timeout', '0', false),
       set_config('idle_in_transaction_session_timeout', '60000', false);

-- A time that is none is shown as -1: infinity is no number. Index: saga's primary key; start_key's for whether the key leads
-- here.
-- name: inspect_sagas
select s.saga_id, s.plan_id, s.workflow, s.key, s.state, s.step, s.error_class, s.seq, s.active,
       case when s.wake_at between '1970-01-01Z' and '9999-12-31Z' then amends.micros(s.wake_at)
            when s.wake_at is not null then -1 end,
       case when s.created_at between '1970-01-01Z' and '9999-12-31Z' then amends.micros(s.created_at) else -1 end,
       case when s.updated_at between '1970-01-01Z' and '9999-12-31Z' then amends.micros(s.updated_at) else -1 end,
       s.active and s.key <> '' and not exists (
         select from amends.start_key k where k.shard_id = amends.hash_shard(s.workflow, s.key, $5::integer)
         and k.workflow = s.workflow and k.key = s.key and k.saga_id = s.saga_id),
       amends.shard_of(s.saga_id) <> s.shard_id
from amends.saga s where s.shard_id = $1::smallint and s.saga_id > $2::uuid and s.saga_id <= $3::uuid
order by s.saga_id limit $4::bigint;

-- Index: tag's primary key, saga's primary key.
-- name: inspect_lost_tags
select distinct t.saga_id from amends.tag t
where t.shard_id = $1::smallint and t.saga_id > $2::uuid and t.saga_id <= $3::uuid
and not exists (select from amends.saga s where s.shard_id = t.shard_id and s.saga_id = t.saga_id)
order by t.saga_id limit $4::bigint;

-- Index: journal's primary key.
-- name: inspect_journal
select j.saga_id, j.seq,
       case when j.at between '1970-01-01Z' and '9999-12-31Z' then amends.micros(j.at) else -1 end,
       j.body, j.epoch, j.commit_seq, j.writer_id
from amends.journal j
where j.shard_id = $1::smallint and (j.saga_id, j.seq) > ($2::uuid, $3::integer) and j.saga_id <= $4::uuid
order by j.saga_id, j.seq limit $5::bigint;

-- Asked after the journal was read: both only grow. Index: flush's primary key.
-- name: inspect_writers
select w.writer_id, w.epoch, coalesce((select max(f.commit_seq) from amends.flush f where f.writer_id = w.writer_id), 0)
from amends.writer w order by w.writer_id;

-- name: inspect_shards
select shard_id from amends.shard order by shard_id;

-- Rows in a shard that there is not.
-- name: inspect_strays
select
  (select count(*) from amends.saga x where x.shard_id < 0 or x.shard_id >= $1::integer),
  (select count(*) from amends.journal x where x.shard_id < 0 or x.shard_id >= $1::integer),
  (select count(*) from amends.tag x where x.shard_id < 0 or x.shard_id >= $1::integer),
  (select count(*) from amends.start_key k where k.shard_id <> amends.hash_shard(k.workflow, k.key, $1::integer)),
  (select count(*) from amends.start_key k
   join amends.saga s on s.shard_id = amends.shard_of(k.saga_id) and s.saga_id = k.saga_id
   where s.workflow <> k.workflow or s.key <> k.key),
  (select count(*) from amends.command c where c.shard_id <> amends.shard_of(c.saga_id) or c.shard_id >= $1::integer);

-- An engine that has the store alone renews no lease: its sessions tell that it lives.
-- name: inspect_sessions
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and application_name = 'amends';
