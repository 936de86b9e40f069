import type { KeptLog, SharedLog, SharedPapers, SharedText } from '@turingpi/core/plugin';
import type { Database } from './database.js';
import { beginCluster, type RecordPlace } from './record-rows.js';

/** Texts of all who use the database, and logs of a cluster. */
export class PostgresPapers implements SharedPapers {
  readonly reach = 'network';

  constructor(
    private readonly database: Database,
    private readonly place: RecordPlace,
  ) {}

  text(name: string): SharedText {
    return new TextRow(this.database, name);
  }

  log(name: string): SharedLog {
    return new LogRows(this.database, this.place, name);
  }

  async logs(prefix: string): Promise<readonly KeptLog[]> {
    return this.database.query<KeptLog & Record<string, unknown>>(
      `select name, greatest(0, extract(epoch from clock_timestamp() - touched_at) * 1000)::float8 as "idleMs"
       from log where cluster = $1 and starts_with(name, $2)`,
      [this.place.cluster, prefix],
    );
  }

  async removeLog(name: string): Promise<void> {
    await this.database.query('delete from log where cluster = $1 and name = $2', [this.place.cluster, name]);
  }
}

class LogRows implements SharedLog {
  constructor(
    private readonly database: Database,
    private readonly place: RecordPlace,
    private readonly name: string,
  ) {}

  get location(): string {
    return `${this.place.location} (${this.place.cluster}, ${this.name})`;
  }

  async append(lines: readonly string[], at?: number): Promise<void> {
    const key = [this.place.cluster, this.name];
    await this.database.transaction(`${key.join('/')} log`, async (query) => {
      await beginCluster(this.place, query);
      await query(
        `insert into log (cluster, name, touched_at) values ($1, $2, clock_timestamp())
         on conflict (cluster, name) do update set touched_at = excluded.touched_at`,
        key,
      );
      if (lines.length === 0) return;
      await query(
        `insert into log_line (cluster, name, position, line)
         select $1, $2, coalesce($4, (select coalesce(max(position) + 1, 0) from log_line where cluster = $1 and name = $2))
           + number - 1, line
         from unnest($3::text[]) with ordinality as given (line, number)
         on conflict (cluster, name, position) do nothing`,
        [...key, lines, at ?? null],
      );
    });
  }

  async read(from = 0): Promise<readonly string[]> {
    const rows = await this.database.query<{ line: string }>(
      'select line from log_line where cluster = $1 and name = $2 and position >= $3 order by position',
      [this.place.cluster, this.name, from],
    );
    return rows.map(({ line }) => line);
  }
}

interface Paper {
  readonly revision: number;
  readonly content: string;
}

class TextRow implements SharedText {
  constructor(
    private readonly database: Database,
    private readonly name: string,
  ) {}

  get location(): string {
    return `${this.database.location} (${this.name})`;
  }

  async read(): Promise<string | undefined> {
    return (await this.#row())?.content;
  }

  async update(change: (current: string | undefined) => string | undefined): Promise<string | undefined> {
    for (;;) {
      const row = await this.#row();
      const next = change(row?.content);
      if (next === undefined) return row?.content;
      if (await this.#replace(row, next)) return next;
    }
  }

  async #row(): Promise<Paper | undefined> {
    const [row] = await this.database.query<Paper & Record<string, unknown>>(
      'select revision, content from paper where name = $1',
      [this.name],
    );
    return row;
  }

  /** @returns Whether nobody was faster. */
  #replace(before: Paper | undefined, content: string): Promise<boolean> {
    return this.database.transaction(`paper ${this.name}`, async (query) => {
      const written = await query(
        `insert into paper (name, revision, content) values ($1, 1, $3)
         on conflict (name) do update set revision = paper.revision + 1, content = excluded.content
           where paper.revision = $2 returning revision`,
        [this.name, before?.revision ?? 0, content],
      );
      return written.length > 0;
    });
  }
}
