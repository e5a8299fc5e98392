-- The bank's tables, the same in SQLite and PostgreSQL.
create table account (id text primary key, cents integer not null);
create table entry (order_id text not null, account text not null, cents integer not null);
insert into account (id, cents) values ('ada', 100000000), ('bob', 200000);
