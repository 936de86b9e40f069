import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@turingpi/core/plugin';
import pg from 'pg';
import { isConnectionFailure } from './connection-failure.js';
import type { ConnectionOptions } from './connection-options.js';
import { stateFailure } from './state-failure.js';

/** Runs one statement, with its parameters. */
export type RunStatement = <R extends pg.QueryResultRow>(
  text: string,
  values?: readonly unknown[],
) => Promise<R[]>;

/** How long somebody is ready to wait for a server that does not answer. */
export interface Patience {
  /** Until this fires; its reason is thrown then. */
  readonly signal?: AbortSignal;
  /** In milliseconds; default: as long as the server may take to start anew, or until the signal fires. */
  readonly patienceMs?: number;
  /** How long one statement may take, in milliseconds. */
  readonly statementMs?: number;
}

const PATIENCE_MS = 30_000;
const CONNECT_MS = 5000;
const STATEMENT_MS = 20_000;
/** Who is suspended in the middle of a transaction must not keep others out of what it has locked. */
const IDLE_IN_TRANSACTION_MS = 5000;
const AGAIN_AFTER_MS = 200;
const CONNECTIONS = 8;

/** A database whose server may be away for a while: what did not happen is tried again, and nothing happens twice. */
export class Database implements AsyncDisposable {
  readonly #pool: pg.Pool;

  constructor(
    private readonly options: ConnectionOptions & { readonly schema: string },
    logger: Logger,
  ) {
    this.#pool = new pg.Pool({ ...this.#client(), max: CONNECTIONS, allowExitOnIdle: true });
    // One that is in use tells of its end like that as well, between two statements: the next one fails then.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pool.on('error', (error) => logger.debug({ err: error }, 'a connection to the database ended'));
  }

  /** For messages. */
  get location(): string {
    return this.options.location;
  }

  get schema(): string {
    return this.options.schema;
  }

  /** A connection of its own, for what a pool cannot give: who takes it connects and ends it. */
  newClient(): pg.Client {
    const client = new pg.Client(this.#client());
    client.on('error', () => undefined); // what is asked next fails
    return client;
  }

  /** Runs statements one by one, each as {@link query} does. */
  statements(patience: Patience = {}): RunStatement {
    return (text, values) => this.query(text, values, patience);
  }

  /**
   * Runs a statement that may be run twice without harm.
   *
   * @throws StateError; the signal's reason.
   */
  query<R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    patience: Patience = {},
  ): Promise<R[]> {
    return this.#patiently(patience, async () => {
      const client = await this.#pool.connect();
      let failure: unknown;
      try {
        return await run<R>(client, text, values, patience.statementMs);
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        client.release(isConnectionFailure(failure));
      }
    });
  }

  /**
   * Does some work in one transaction, alone among those with the same key. Where the connection is lost in the moment of
   * the commit, the server is asked what became of it.
   *
   * @param work - it may be called again
   * @throws StateError; what `work` throws, and nothing is written then; the signal's reason.
   */
  transaction<T>(
    key: string,
    work: (query: RunStatement) => Promise<T>,
    patience: Patience = {},
  ): Promise<T> {
    return this.#patiently(patience, async () => {
      const client = await this.#pool.connect();
      const query: RunStatement = (text, values) => run(client, text, values);
      let isBroken = true;
      try {
        await query('begin');
        const [begun] = await query<{ id: string }>(
          'select pg_advisory_xact_lock(hashtextextended($1, 0)), pg_current_xact_id()::text as id',
          [`${this.schema}/${key}`],
        );
        const result = await work(query).catch(async (error: unknown) => {
          if (!isConnectionFailure(error)) {
            await query('rollback');
            isBroken = false;
          }
          throw error;
        });
        await query('commit').catch(async (error: unknown) => {
          if (!isConnectionFailure(error) || !(await this.#isCommitted(begun?.id, patience))) throw error;
        });
        isBroken = false;
        return result;
      } finally {
        client.release(isBroken);
      }
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool.end();
  }

  /** Whether a transaction of which nobody has heard the end was committed. */
  async #isCommitted(id: string | undefined, patience: Patience): Promise<boolean> {
    for (;;) {
      const [found] = await this.query<{ status: string }>(
        'select pg_xact_status($1::xid8) as status',
        [id],
        patience,
      );
      if (found?.status !== 'in progress') return found?.status === 'committed';
      await sleep(AGAIN_AFTER_MS);
    }
  }

  async #patiently<T>({ signal, patienceMs }: Patience, attempt: () => Promise<T>): Promise<T> {
    const until = performance.now() + (patienceMs ?? (signal === undefined ? PATIENCE_MS : Infinity));
    for (;;) {
      signal?.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        signal?.throwIfAborted();
        if (!isConnectionFailure(error) || performance.now() > until)
          throw stateFailure(error, this.location);
      }
      await sleep(AGAIN_AFTER_MS, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
    }
  }

  #client(): pg.ClientConfig {
    return {
      ...this.options.client,
      application_name: 'turingpi',
      options: `-c search_path=${this.schema}`,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS,
      statement_timeout: STATEMENT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      keepAlive: true,
    };
  }
}

async function run<R extends pg.QueryResultRow>(
  client: pg.PoolClient,
  text: string,
  values: readonly unknown[] = [],
  statementMs?: number,
): Promise<R[]> {
  const limit = statementMs === undefined ? {} : { query_timeout: statementMs };
  const { rows } = await client.query<R>({ text, values: [...values], ...limit });
  return rows;
}
