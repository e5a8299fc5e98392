-- Whoever starts sagas from SQL: two functions, no table.
grant usage on schema amends to :client;
grant execute on function amends.start, amends.command to :client;
