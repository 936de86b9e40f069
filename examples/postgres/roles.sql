-- Who owns the tables, and who uses them. Run once in the database, as its administrator.
create role turingpi_owner login password 'change this';
create role turingpi_user login password 'and this';
create schema turingpi authorization turingpi_owner;
grant usage on schema turingpi to turingpi_user;
alter default privileges for role turingpi_owner in schema turingpi
  grant select, insert, update, delete on tables to turingpi_user;
