-- What is on record of boards and their nodes. JSON is kept as it was written: jsonb would refuse some texts that JSON allows.
create table cluster (
  name text primary key check (name <> ''),
  -- The version of the layout of its records: that of the state file.
  version integer not null,
  board json
);

create table phase (
  cluster text not null references cluster,
  node text not null,
  phase text not null,
  -- How often it was claimed; 0 for a record that nobody has claimed.
  fence integer not null,
  record json not null,
  -- The inputs for which its journal was made; null where it has none.
  journal_hash text,
  primary key (cluster, node, phase)
);

create table journal_entry (
  cluster text not null,
  node text not null,
  phase text not null,
  position integer not null,
  entry json not null,
  primary key (cluster, node, phase, position),
  foreign key (cluster, node, phase) references phase
);

-- Times are the server's. A lease of a phase belongs to its cluster; everything else is of the whole database: cluster ''.
create table lease (
  cluster text not null,
  resource text not null,
  fence integer not null,
  -- Of this very holding; null while nobody has it.
  token uuid,
  owner json,
  renewed_at timestamptz,
  expires_at timestamptz,
  primary key (cluster, resource)
);
