-- engines since: 3
-- Waiting sagas leave the engine's memory, by the indexes of indexes_4.sql. What they make superfluous goes with the next
-- version, once they stand.

-- Finished sagas leave. The engine's role still cannot take anything out of the journal: a saga's rows go together, by
-- this function alone, and only those of one that is over. Rows that another engine is about to delete are passed over.

create function amends.retire(sagas uuid[]) returns bigint
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  with over as materialized (
    select s.shard_id, s.saga_id
    from (select amends.shard_of(id) as shard_id, id as saga_id from unnest(sagas) as id offset 0) w
    join amends.saga s on s.shard_id = w.shard_id and s.saga_id = w.saga_id
    where not s.active
    for update of s skip locked
  ), gone as (
    delete from amends.saga s using over o where s.shard_id = o.shard_id and s.saga_id = o.saga_id
    returning s.shard_id, s.saga_id
  ), entries as (
    delete from amends.journal j using gone g where j.shard_id = g.shard_id and j.saga_id = g.saga_id
  ), tags as (
    delete from amends.tag t using gone g where t.shard_id = g.shard_id and t.saga_id = g.saga_id
  )
  select count(*) from gone
$$;
revoke all on function amends.retire(uuid[]) from public;

-- How long a start key is remembered, as an engine is configured: amends.start() asks the one that came last.
alter table amends.engine add column keys_retention interval;

create function amends.keys_retention() returns interval
language sql stable
as $$ select coalesce((select e.keys_retention from amends.engine e where e.keys_retention is not null
                       order by e.heartbeat desc limit 1), interval '30 days') $$;

create or replace function amends.start(workflow text, key text default null, input jsonb default '{}',
                                        tags jsonb default '{}', version integer default null,
                                        wake boolean default false) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  shard    integer := floor(random() * (select count(*) from amends.shard));
  saga     uuid := amends.make_id(shard);
  fault    text := amends.find_start_fault(workflow, key, input, tags, version);
  hash     text;
  holder   record;
begin
  if fault is not null then
    raise exception using errcode = 'invalid_parameter_value', message = fault;
  end if;
  if key <> '' then
    hash := amends.body_hash(version, input, tags);
    loop
      insert into amends.start_key as k (shard_id, workflow, key, body_hash, saga_id, until)
      values (amends.key_shard(workflow, key), workflow, key, hash, saga, now() + amends.keys_retention())
      on conflict do nothing;
      exit when found;
      select k.saga_id, k.body_hash into holder from amends.start_key k
      where k.shard_id = amends.key_shard(workflow, key) and k.workflow = start.workflow and k.key = start.key;
      continue when not found;
      if holder.body_hash <> hash then
        raise exception using errcode = 'unique_violation',
          message = 'the key was used for another start of this workflow';
      end if;
      return holder.saga_id;
    end loop;
  end if;
  insert into amends.command (shard_id, command_id, kind, saga_id, at, body)
  values (shard, amends.make_id(shard), 'start', saga, clock_timestamp(),
          (jsonb_build_object('workflow', workflow, 'input', input, 'tags', tags) ||
           case when version is null then '{}' else jsonb_build_object('version', version) end ||
           case when key <> '' then jsonb_build_object('key', key) else '{}' end)::text);
  if wake then perform pg_notify('amends_commands', shard::text); end if;
  return saga;
end $$;
