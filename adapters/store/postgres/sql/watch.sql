-- What people see of engines that share the store. Heard of: the lease of whoever is neither buried nor gone in order, else
-- what the others noted when it went. Writer 0 shows where an engine had the store alone.

-- name: engines
select w.engine_id, coalesce(e.address, ''), coalesce(e.version, ''), w.epoch,
       coalesce((select max(f.commit_seq) from amends.flush f where f.writer_id = w.writer_id), 0),
       o.shards, amends.micros(w.taken_at), amends.micros(coalesce(w.lease_until, h.heard_at)),
       coalesce(w.lease_until >= now(), false), w.lease_until is null and w.backend_pid is null,
       coalesce((extract(epoch from w.lease_until - now()) * 1000)::bigint, 0), amends.micros(h.heard_at),
       coalesce(w.backend_pid, 0), coalesce(e.schema_oldest, 0), coalesce(e.schema_newest, 0)
from amends.writer w
left join amends.engine e on e.engine_id = w.engine_id
cross join lateral (select coalesce(w.lease_until, greatest(e.heartbeat, w.taken_at)) as heard_at) h
cross join lateral (select count(*) as shards from amends.shard s where s.writer_id = w.writer_id) o
where w.taken_at is not null and (o.shards > 0 or h.heard_at > now() - interval '1 day')
order by w.engine_id;

-- Cheap whatever waits. Index: command_undecided.
-- name: shared_counts
select count(*) filter (where w.lease_until >= now()),
       count(*) filter (where w.writer_id <> 0 and (w.lease_until < now() or (w.lease_until is null and w.backend_pid is not null
         and greatest(e.heartbeat, w.taken_at) > now() - interval '1 day'))),
       (select count(*) from amends.shard), (select count(*) from amends.shard where writer_id is null),
       (select count(*) from (select from amends.command where answered_at is null limit 100000) c),
       (select (extract(epoch from now() - min(c.at)) * 1000)::bigint
        from amends.shard s cross join lateral (
          select o.at from amends.command o where o.shard_id = s.shard_id and o.answered_at is null
          order by o.command_id limit 1) c)
from amends.writer w left join amends.engine e on e.engine_id = w.engine_id where w.taken_at is not null;

-- Reads the commands of the last hour.
-- name: refused_commands
select saga_id, kind, sentence, amends.micros(answered_at), count(*) over ()
from amends.command where verdict = 'invalid' order by answered_at desc limit 3;

-- Index: command_undecided.
-- name: unplanned_starts
select o.body ->> 'workflow', o.body ->> 'version', count(*)
from (
  select c.body::jsonb as body
  from amends.shard s cross join lateral (
    select u.kind, u.body from amends.command u where u.shard_id = s.shard_id and u.answered_at is null
    order by u.command_id limit 20) c
  where c.kind = 'start' limit 500) o
where o.body ->> 'workflow' is not null and not exists (
  select from amends.plan p where p.workflow = o.body ->> 'workflow'
  and (o.body ->> 'version' is null or p.version::text = o.body ->> 'version'))
group by 1, 2 order by 3 desc, 1, 2 limit 10;
