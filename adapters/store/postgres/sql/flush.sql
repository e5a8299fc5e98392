-- One flush, one statement, its own transaction. The fence comes first: it holds the writer's row, if the epoch is still
-- ours, and adds the flush, or the statement writes nothing. Everything else is joined to it. A start whose key is taken is left out with all that is its.
-- Indexes: primary keys.
-- A flush without rows of a kind goes without the lines between "--[ KIND" and "--]", which cost even where they have
-- nothing to do; the parameters behind them move up (flush_statement.cpp).
-- name: flush
with held as materialized (
  select writer_id from amends.writer where writer_id = $1::smallint and epoch = $2::integer for share
), fence as (
  insert into amends.flush (writer_id, commit_seq, epoch)
  select h.writer_id, $3::bigint, $2::integer from held h
  where exists (select from amends.flush f where f.writer_id = $1::smallint and f.commit_seq = $3::bigint - 1)
  returning writer_id
--[ keys
), wanted as materialized (
  select * from unnest($4::smallint[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::timestamptz[])
    as k (shard_id, workflow, key, body_hash, saga_id, until)
), won as (
  insert into amends.start_key (shard_id, workflow, key, body_hash, saga_id, until)
  select k.shard_id, k.workflow, k.key, k.body_hash, k.saga_id, k.until from fence, wanted k
  on conflict (shard_id, workflow, key) do nothing
  returning saga_id
), lost as materialized (
  select saga_id from wanted where saga_id not in (select saga_id from won)
--]
--[ starts
), started as (
  insert into amends.saga (shard_id, saga_id, plan_id, workflow, key, state, step, error_class, seq, active, wake_at,
                           created_at, updated_at)
  select s.* from fence, unnest($10::smallint[], $11::uuid[], $12::text[], $13::text[], $14::text[], $15::text[],
    $16::text[], $17::text[], $18::integer[], $19::boolean[], $20::timestamptz[], $21::timestamptz[],
    $22::timestamptz[]) as s (shard_id, saga_id, plan_id, workflow, key, state, step, error_class, seq, active,
                              wake_at, created_at, updated_at)
--[ keys
  where s.saga_id not in (select saga_id from lost)
--]
--]
--[ tags
), tagged as (
  insert into amends.tag (shard_id, saga_id, name, value)
  select t.* from fence, unnest($23::smallint[], $24::uuid[], $25::text[], $26::text[])
    as t (shard_id, saga_id, name, value)
--[ keys
  where t.saga_id not in (select saga_id from lost)
--]
--]
--[ updates
), updated as (
  update amends.saga s
  set state = u.state, step = u.step, error_class = u.error_class, seq = u.seq, active = u.active,
      wake_at = u.wake_at, updated_at = u.updated_at
  from fence, unnest($27::smallint[], $28::uuid[], $29::text[], $30::text[], $31::text[], $32::integer[],
    $33::boolean[], $34::timestamptz[], $35::timestamptz[])
    as u (shard_id, saga_id, state, step, error_class, seq, active, wake_at, updated_at)
  where s.shard_id = u.shard_id and s.saga_id = u.saga_id
  returning 1
--]
), decided as (
  insert into amends.journal (shard_id, saga_id, seq, at, writer_id, epoch, commit_seq, body)
  select j.shard_id, j.saga_id, j.seq, j.at, $1::smallint, $2::integer, $3::bigint, j.body
  from fence, unnest($36::smallint[], $37::uuid[], $38::integer[], $39::timestamptz[], $40::text[])
    as j (shard_id, saga_id, seq, at, body)
--[ keys
  where j.saga_id not in (select saga_id from lost)
--]
--[ answers
), answered as (
  update amends.command c set answered_at = now(), verdict = a.verdict, sentence = a.sentence
  from fence, unnest($41::smallint[], $42::uuid[], $43::text[], $44::text[])
    as a (shard_id, command_id, verdict, sentence)
  where c.shard_id = a.shard_id and c.command_id = a.command_id
--]
)
select
--[ updates
  case when exists (select from fence) and (select count(*) from updated) <> cardinality($28::uuid[])
    then amends.refuse('an update of a saga that is not in the store') end,
--]
--[ keys
  (select string_agg(saga_id::text, ',') from lost) as lost,
--]
  (select count(*) from fence) as held;
