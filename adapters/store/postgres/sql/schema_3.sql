-- Each flush adds a row instead of changing the writer's: while another session holds an old snapshot, no version of a
-- changed row can go, and every flush would walk over all that are left. The running engines of before count in the
-- writer's row: they are fenced.

update amends.writer set epoch = epoch + 1;

-- The flushes of each writer, without a gap from the first one kept to the last: its commit_seq.
create table amends.flush (
  commit_seq  bigint    not null,
  epoch       integer   not null,
  writer_id   smallint  not null references amends.writer,
  primary key (writer_id, commit_seq)
);
insert into amends.flush (writer_id, commit_seq, epoch) select writer_id, commit_seq, epoch from amends.writer;

alter table amends.writer drop column commit_seq;
