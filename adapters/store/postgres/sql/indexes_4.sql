-- What is not over, as before; by wake_at what may move at any time is told from what waits without touching a row.
-- index: saga_live
create index concurrently saga_live on amends.saga (shard_id, saga_id, wake_at) where active;
-- What waits, by its due time; thousands may be due at one instant, and are read in pages.
-- index: saga_due
create index concurrently saga_due on amends.saga (shard_id, wake_at, saga_id) where wake_at is not null;
