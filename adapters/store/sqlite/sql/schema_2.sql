-- Waiting sagas leave the engine's memory and come back by their due time. What is read back after a restart is told from
-- them by the index alone: no row of theirs is touched.

drop index saga_active;
create index saga_active on saga (shard_id, saga_id, wake_at) where active = 1;

create index saga_wakes on saga (shard_id, wake_at, saga_id) where wake_at is not null;
