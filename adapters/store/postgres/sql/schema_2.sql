-- Several engines share the store: a writer for each, shards that they own, and commands for whoever owns a saga.
-- Start keys stand in the shard of their hash. The running engines of before know neither: they are fenced.

update amends.writer set epoch = epoch + 1;

-- Writer 0 is an engine that has the store alone; the others have an id of their own each. incarnation tells a process
-- from another one of the same id; backend_* is its connection.
alter table amends.writer
  add column incarnation   text not null default '' collate "C",
  add column backend_pid   integer,
  add column backend_start timestamptz;
create unique index writer_engine on amends.writer (engine_id) where writer_id <> 0;

-- How many there are is fixed for ever: ids and start keys are placed by it.
create table amends.shard (
  shard_id   smallint  primary key,
  writer_id  smallint  references amends.writer
);
insert into amends.shard (shard_id, writer_id)
select n, null
from generate_series(0, coalesce(nullif(current_setting('amends.shards', true), ''), '64')::integer - 1) n;

-- What an engine says about itself, for people.
create table amends.engine (
  heartbeat      timestamptz not null,
  schema_oldest  integer     not null,
  schema_newest  integer     not null,
  engine_id      text        primary key collate "C",
  address        text        not null collate "C",
  version        text        not null collate "C"
);

create table amends.command (
  at           timestamptz not null,
  answered_at  timestamptz,
  shard_id     smallint    not null,
  command_id   uuid        not null,
  saga_id      uuid        not null,
  kind         text        not null collate "C",
  body         text        not null collate "C",
  verdict      text        collate "C",
  sentence     text        collate "C",
  primary key (shard_id, command_id)
);
create index command_undecided on amends.command (shard_id, command_id) where answered_at is null;

-- ---- where things stand

-- An id's 12 bits rand_a are its shard.
create function amends.shard_of(id uuid) returns smallint
language sql immutable parallel safe
as $$ select ('x' || substr(id::text, 16, 3))::bit(12)::integer::smallint $$;

create function amends.hash_shard(workflow text, key text, shards integer) returns smallint
language sql immutable parallel safe
as $$ select (('x' || encode(substr(sha256(
    int4send(octet_length(convert_to(workflow, 'UTF8'))) || convert_to(workflow, 'UTF8') ||
    int4send(octet_length(convert_to(key, 'UTF8'))) || convert_to(key, 'UTF8')), 1, 4), 'hex'))::bit(32)::bigint
  % shards)::smallint $$;

create function amends.key_shard(workflow text, key text) returns smallint
language sql stable parallel safe
as $$ select amends.hash_shard(workflow, key, (select count(*)::integer from amends.shard)) $$;

update amends.start_key set shard_id = amends.key_shard(workflow, key);

-- ---- starting and commanding from SQL (docs/sql_start.md)

-- A saga id: UUIDv7 with the shard in rand_a. The tail is that of a random UUID, whose variant bits are the same.
create function amends.make_id(shard integer) returns uuid
language sql volatile
as $$ select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7' ||
              lpad(to_hex(shard), 3, '0') || substr(replace(gen_random_uuid()::text, '-', ''), 17, 16))::uuid $$;

-- A number as the engine prints it: whole ones of 64 bits as they are, every other one as the shortest double.
create function amends.canonical_number(value numeric) returns text
language sql immutable
set extra_float_digits = 1
as $$ select case
    when scale(value) = 0 and value between -9223372036854775808 and 18446744073709551615 then value::text
    when value::float8::text ~ '[.e]' then value::float8::text
    else value::float8::text || '.0' end $$;

-- The engine's canonical JSON: keys sorted byte by byte, no blanks.
create function amends.canonical(value jsonb) returns text
language plpgsql immutable
as $$ begin
  return case jsonb_typeof(value)
    when 'object' then (
      select '{' || coalesce(string_agg(to_json(e.key)::text || ':' || amends.canonical(e.value), ','
                                        order by e.key collate "C"), '') || '}'
      from jsonb_each(value) e)
    when 'array' then (
      select '[' || coalesce(string_agg(amends.canonical(e.value), ',' order by e.n), '') || ']'
      from jsonb_array_elements(value) with ordinality e (value, n))
    when 'number' then amends.canonical_number(value::text::numeric)
    else value::text end;
end $$;

-- What makes two starts the same: version, input, tags, each behind its length.
create function amends.body_hash(version integer, input jsonb, tags jsonb) returns text
language sql immutable
as $$ select encode(sha256(convert_to(string_agg(
    octet_length(convert_to(part, 'UTF8')) || ':' || part, '' order by n), 'UTF8')), 'hex')
  from (
    select 1 as n, coalesce(version::text, '') as part
    union all select 2, amends.canonical(input)
    union all select 1 + 2 * row_number() over (order by t.key collate "C"), t.key from jsonb_each_text(tags) t
    union all select 2 + 2 * row_number() over (order by t.key collate "C"), t.value from jsonb_each_text(tags) t
  ) parts $$;

create function amends.find_start_fault(workflow text, key text, input jsonb, tags jsonb, version integer)
returns text
language sql immutable
as $$ select case
    when workflow is null or workflow = '' or octet_length(workflow) > 256 then 'a start names its workflow'
    when octet_length(key) > 200 or key ~ '[\x01-\x1f\x7f]' then
      'a key has at most 200 bytes and no control characters'
    when input is null or octet_length(input::text) > 1048576 then 'an input is JSON of at most 1 MiB'
    when jsonb_typeof(tags) is distinct from 'object' or exists (
      select from jsonb_each(case jsonb_typeof(tags) when 'object' then tags else '{}' end) t
      where jsonb_typeof(t.value) <> 'string') then 'tags are an object of strings'
    when version < 1 then 'a version is 1 or more' end $$;

create function amends.start(workflow text, key text default null, input jsonb default '{}', tags jsonb default '{}',
                             version integer default null, wake boolean default false) returns uuid
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
      values (amends.key_shard(workflow, key), workflow, key, hash, saga, now() + interval '7 days')
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

create function amends.command(saga uuid, kind text, reason text, step text default null, wake boolean default false)
returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  shard  integer := amends.shard_of(saga);
  id     uuid := amends.make_id(shard);
begin
  if saga is null or substr(saga::text, 15, 1) <> '7'
     or shard >= (select count(*) from amends.shard) then
    raise exception using errcode = 'invalid_parameter_value', message = 'that is not the id of a saga of this store';
  end if;
  if kind is null or kind not in ('cancel', 'retry', 'skip', 'abandon') then
    raise exception using errcode = 'invalid_parameter_value',
      message = 'a command is one of cancel, retry, skip, abandon';
  end if;
  if octet_length(reason) > 1024 or octet_length(step) > 64 then
    raise exception using errcode = 'invalid_parameter_value',
      message = 'a reason has at most 1024 bytes and the name of a step 64';
  end if;
  insert into amends.command (shard_id, command_id, kind, saga_id, at, body)
  values (shard, id, kind, saga, clock_timestamp(),
          (jsonb_build_object('reason', coalesce(reason, '')) ||
           case when step is null then '{}' else jsonb_build_object('step', step) end)::text);
  if wake then perform pg_notify('amends_commands', shard::text); end if;
  return id;
end $$;

revoke all on function amends.start(text, text, jsonb, jsonb, integer, boolean) from public;
revoke all on function amends.command(uuid, text, text, text, boolean) from public;
