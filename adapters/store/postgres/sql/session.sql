-- The writer's session. Each statement has one right plan, by the indexes that stand above it: it is made once and
-- never considered again, also on tables that were never analyzed, where walking a whole shard looks cheap.
-- synchronous_commit is raised where the database or the role has it off.
-- name: writer_session
select set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('enable_seqscan', 'off', false),
       set_config('enable_hashjoin', 'off', false),
       set_config('enable_mergejoin', 'off', false),
       set_config('enable_bitmapscan', 'off', false),
       set_config('enable_material', 'off', false),
       set_config('jit', 'off', false),
       set_config('default_transaction_isolation', 'read committed', false),
       set_config('statement_timeout', $1::text, false),
       set_config('idle_in_transaction_session_timeout', $2::text, false),
       set_config('synchronous_commit', case current_setting('synchronous_commit')
         when 'off' then 'on' else current_setting('synchronous_commit') end, false);

-- A reader's session. Filters that are not set vanish from a custom plan.
-- name: reader_session
select set_config('plan_cache_mode', 'force_custom_plan', false),
       set_config('jit', 'off', false),
       set_config('default_transaction_read_only', 'on', false),
       set_config('default_transaction_isolation', 'read committed', false),
       set_config('statement_timeout', $1::text, false),
       set_config('idle_in_transaction_session_timeout', $1::text, false);

-- name: show_synchronous_commit
select current_setting('synchronous_commit');
