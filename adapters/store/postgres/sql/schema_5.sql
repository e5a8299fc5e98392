-- engines since: 3
-- saga_live and saga_due serve whatever these did, for older engines too.
drop index amends.saga_active;
drop index amends.saga_wakes;
