-- Texts of everybody who uses the database, by name: which transfer is on a board.
create table paper (
  name text primary key check (name <> ''),
  -- Grows with each change.
  revision integer not null,
  content text not null
);

-- Logs of a cluster, which are only added to: approved erasures, what runs tell.
create table log (
  cluster text not null references cluster,
  name text not null,
  touched_at timestamptz not null,
  primary key (cluster, name)
);

create table log_line (
  cluster text not null,
  name text not null,
  position integer not null,
  line text not null,
  primary key (cluster, name, position),
  foreign key (cluster, name) references log on delete cascade
);
