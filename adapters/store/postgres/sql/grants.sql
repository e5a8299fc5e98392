-- What each role may do with the tables of Amends; the tables' owner runs it, again after every migration.
grant usage on schema amends to :engine, :reader;
grant select on all tables in schema amends to :engine, :reader;

-- The journal is only ever added to, and what a saga wrote is not taken back: no update, no delete. A saga that is over
-- leaves whole, by amends.retire().
grant insert, delete on amends.flush to :engine;
grant insert on amends.journal, amends.tag, amends.plan to :engine;
grant insert, update on amends.saga to :engine;
-- To lock a key before it is forgotten is an update's right.
grant insert, delete, update (until) on amends.start_key to :engine;
grant insert, update on amends.writer, amends.engine to :engine;
grant update on amends.shard to :engine;
grant insert, update, delete on amends.command to :engine;
grant execute on function amends.start, amends.command, amends.retire to :engine;
