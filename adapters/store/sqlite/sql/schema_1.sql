-- The tables of docs/store.md. Keys begin with shard_id, which is 0 here: the shape is the one that a store with
-- many shards has. Ids are 16 bytes, times are microseconds since 1970 UTC. Plain rowid tables: rows of 150 bytes
-- and more inside the primary key's b-tree (without rowid) made every flush a third slower.

create table writer (
  writer_id   integer primary key,
  engine_id   text    not null,
  epoch       integer not null,
  commit_seq  integer not null,
  taken_at    integer not null
);

create table plan (
  plan_id   text    not null primary key,
  workflow  text    not null,
  version   integer not null,
  shape     text    not null,
  graph     text    not null
);

create table saga (
  shard_id     integer not null,
  saga_id      blob    not null,
  plan_id      text    not null,
  workflow     text    not null,
  key          text    not null,
  state        text    not null,
  step         text    not null,
  error_class  text    not null,
  seq          integer not null,
  active       integer not null,
  wake_at      integer,
  created_at   integer not null,
  updated_at   integer not null,
  primary key (shard_id, saga_id)
);

-- What is not over: loading after a restart, and every list of a state that is not final.
create index saga_active on saga (shard_id, saga_id) where active = 1;

-- What ended otherwise than planned: rare, so nearly free to keep, and what is looked for among millions.
create index saga_ended_badly on saga (shard_id, state, saga_id) where active = 0 and state <> 'completed';

-- The truth. One row is one decision; body is the JSON array of its entries.
create table journal (
  shard_id    integer not null,
  saga_id     blob    not null,
  seq         integer not null,
  at          integer not null,
  writer_id   integer not null,
  epoch       integer not null,
  commit_seq  integer not null,
  body        text    not null,
  primary key (shard_id, saga_id, seq)
);

create table start_key (
  shard_id   integer not null,
  workflow   text    not null,
  key        text    not null,
  body_hash  text    not null,
  saga_id    blob    not null,
  until      integer not null,
  primary key (shard_id, workflow, key)
);

-- Finds what may be forgotten. Grows at its right edge only.
create index start_key_until on start_key (shard_id, until);

create table tag (
  shard_id  integer not null,
  saga_id   blob    not null,
  name      text    not null,
  value     text    not null,
  primary key (shard_id, saga_id, name)
);

create index tag_value on tag (shard_id, name, value, saga_id);

-- For people with a SQL prompt: the same rows with readable ids and times.
create view sagas as
select lower(substr(hex(saga_id), 1, 8) || '-' || substr(hex(saga_id), 9, 4) || '-' || substr(hex(saga_id), 13, 4)
             || '-' || substr(hex(saga_id), 17, 4) || '-' || substr(hex(saga_id), 21)) as id,
       workflow, plan_id, key, state, step, error_class, seq, active,
       strftime('%Y-%m-%dT%H:%M:%SZ', created_at / 1000000, 'unixepoch') as created,
       strftime('%Y-%m-%dT%H:%M:%SZ', updated_at / 1000000, 'unixepoch') as updated,
       strftime('%Y-%m-%dT%H:%M:%SZ', wake_at / 1000000, 'unixepoch') as wakes
from saga;

create view entries as
select lower(substr(hex(saga_id), 1, 8) || '-' || substr(hex(saga_id), 9, 4) || '-' || substr(hex(saga_id), 13, 4)
             || '-' || substr(hex(saga_id), 17, 4) || '-' || substr(hex(saga_id), 21)) as id,
       seq, strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000000.0, 'unixepoch') as at, epoch, commit_seq, body
from journal;
