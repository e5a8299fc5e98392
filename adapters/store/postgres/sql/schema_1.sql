-- The tables of docs/store.md. Columns stand in the order that wastes no bytes for alignment: a journal row is most
-- of what is written. Text is compared byte by byte (collate "C"). Keys begin with shard_id.

create table amends.writer (
  commit_seq   bigint      not null,
  taken_at     timestamptz,
  lease_until  timestamptz,
  epoch        integer     not null,
  writer_id    smallint    primary key,
  engine_id    text        not null collate "C"
);
insert into amends.writer (writer_id, engine_id, epoch, commit_seq) values (0, '', 0, 0);

create table amends.plan (
  version   integer not null,
  plan_id   text    primary key collate "C",
  workflow  text    not null collate "C",
  shape     text    not null collate "C",
  graph     text    not null collate "C"
);

-- Half of every page stays free, so that the update at the saga's end finds room beside the row.
create table amends.saga (
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  wake_at      timestamptz,
  seq          integer     not null,
  shard_id     smallint    not null,
  active       boolean     not null,
  -- Changes with active, at the end: an index on state would make every update of a waiting saga touch all indexes.
  ended_badly  boolean     not null generated always as (not active and state <> 'completed') stored,
  saga_id      uuid        not null,
  plan_id      text        not null collate "C",
  workflow     text        not null collate "C",
  key          text        not null collate "C",
  state        text        not null collate "C",
  step         text        not null collate "C",
  error_class  text        not null collate "C",
  primary key (shard_id, saga_id)
) with (fillfactor = 50);

-- What is not over: loading after a restart, and every list of a state that is not final.
create index saga_active on amends.saga (shard_id, saga_id) where active;

-- What ended otherwise than planned: rare, and what is looked for among millions.
create index saga_ended_badly on amends.saga (shard_id, saga_id) where ended_badly;

-- Waiting sagas by their due time.
create index saga_wakes on amends.saga (shard_id, wake_at) where wake_at is not null;

-- The truth. One row is one decision; body is the JSON array of its entries.
create table amends.journal (
  commit_seq  bigint      not null,
  at          timestamptz not null,
  epoch       integer     not null,
  seq         integer     not null,
  shard_id    smallint    not null,
  writer_id   smallint    not null,
  saga_id     uuid        not null,
  body        text        not null collate "C",
  primary key (shard_id, saga_id, seq)
);

create table amends.start_key (
  until      timestamptz not null,
  shard_id   smallint    not null,
  saga_id    uuid        not null,
  workflow   text        not null collate "C",
  key        text        not null collate "C",
  body_hash  text        not null collate "C",
  primary key (shard_id, workflow, key)
);

-- Finds what may be forgotten. Grows at its right edge only. Does not begin with the shard: on a table that was never
-- analyzed, it would look as good as the primary key for finding one key, and read the whole shard.
create index start_key_until on amends.start_key (until);

create table amends.tag (
  shard_id  smallint not null,
  saga_id   uuid     not null,
  name      text     not null collate "C",
  value     text     not null collate "C",
  primary key (shard_id, saga_id, name)
);

create index tag_value on amends.tag (shard_id, name, value, saga_id);

-- Exact: extract gives a numeric.
create function amends.micros(at timestamptz) returns bigint
language sql stable parallel safe
as 'select (extract(epoch from at) * 1000000)::bigint';

-- Ends a flush that contradicts what is stored, from inside its one statement.
create function amends.refuse(reason text) returns bigint
language plpgsql volatile
as 'begin raise exception using errcode = ''integrity_constraint_violation'', message = reason; end';
