-- The secrets of the nodes, encrypted by who writes them: the server has no key.
create table node_secrets (
  cluster text primary key references cluster,
  -- Grows with each change.
  revision integer not null,
  sealed bytea not null
);
