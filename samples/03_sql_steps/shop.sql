-- The shop's tables, the same in SQLite and PostgreSQL. Nothing keeps an order from being booked twice: the barrier does.
create table stock (sku text primary key, price_cents integer not null, free integer not null);
create table sale (order_id text not null, sku text not null, quantity integer not null, cents integer not null);
insert into stock (sku, price_cents, free) values ('lamp', 4900, 300), ('chair', 12900, 40);
