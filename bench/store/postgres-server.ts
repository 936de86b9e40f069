import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../free-port.js';

const run = promisify(execFile);

/** Debian's, and where others put them. */
const FOLDERS = [17, 16, 15, 14].map((version) => `/usr/lib/postgresql/${version}/bin`);
const BIN = FOLDERS.find((folder) => existsSync(path.join(folder, 'initdb')));
const STARTED_WITHIN_MS = 60_000;

/** Says whether there is a PostgreSQL server to be started; where not, the test is skipped, which with `CI=true` is a failure. */
export function requirePostgres(): { readonly missing: boolean } {
  if (BIN !== undefined) return { missing: false };
  const text = `PostgreSQL is not installed (${FOLDERS.join(', ')})`;
  if (process.env['CI'] === 'true') throw new Error(text);
  process.stderr.write(`skipping: ${text}\n`);
  return { missing: true };
}

/** How a server differs from the usual one. */
export interface PostgresServerOptions {
  /** Commits wait for the disk, as for real; for benchmarks. */
  readonly durable?: boolean;
  /** It also listens on 127.0.0.1, with TLS: PEM files that its user may read. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A real server in a folder of its own, on a UNIX socket. Its superuser is `postgres`, who needs no password there. */
export class PostgresServer implements AsyncDisposable {
  #process: ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    /** Where it listens with TLS; 0 where it does not. */
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  static async start({ durable = false, tls }: PostgresServerOptions = {}): Promise<PostgresServer> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-pg-'));
    const port = tls === undefined ? 0 : await freePort();
    const fast = durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
    const settings = [
      ...fast,
      'max_connections=200',
      'shared_buffers=32MB',
      `unix_socket_directories=${folder}`,
      ...(tls === undefined
        ? ['listen_addresses=']
        : ['listen_addresses=127.0.0.1', `port=${port}`, 'ssl=on']),
    ];
    const server = new PostgresServer(folder, port, settings);
    try {
      await server.#initialise(tls);
      await server.begin();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** The address of a database for a user, on the socket. */
  url(database = 'postgres', user = 'postgres'): string {
    const port = this.port === 0 ? '' : `&port=${this.port}`;
    return `postgresql://${user}@localhost/${database}?host=${this.folder}${port}`;
  }

  /** Where clients find the socket. */
  get socket(): string {
    return path.join(this.folder, `.s.PGSQL.${this.port === 0 ? 5432 : this.port}`);
  }

  /** Makes an empty database. @returns Its name. */
  async newDatabase(): Promise<string> {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await this.sql(`create database ${name}`);
    return name;
  }

  /** Runs SQL as the superuser, as psql does. @returns What it prints, without decoration. */
  async sql(text: string, database = 'postgres'): Promise<string> {
    const port = this.port === 0 ? [] : ['-p', String(this.port)];
    const words = ['-h', this.folder, ...port, '-U', 'postgres', '-XAtq', '-v', 'ON_ERROR_STOP=1'];
    const { stdout } = await run(path.join(BIN ?? '', 'psql'), [...words, '-c', text, database]);
    return stdout.trim();
  }

  /** Starts it, after it was killed as well. Resolves when it answers. */
  async begin(): Promise<void> {
    const words = this.settings.flatMap((setting) => ['-c', setting]);
    const [program, ...rest] = asUnprivileged('postgres', ['-D', this.#data, ...words]);
    let said = '';
    const until = performance.now() + STARTED_WITHIN_MS;
    while (!(await this.sql('select 1').catch(() => ''))) {
      if (performance.now() > until) throw new Error(`the server did not start: ${said}`);
      // It ends again while those that one before it has started are still about to end.
      if (!this.#isRunning) {
        this.#process = spawn(program!, rest, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
        this.#process.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
      }
      await sleep(50);
    }
  }

  /** Kills it: connections end, and nobody answers any more. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGQUIT');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  get #isRunning(): boolean {
    return (
      this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
    );
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.#isRunning) return;
    const ended = once(this.#process!, 'exit');
    this.#process!.kill(signal);
    await ended;
  }

  get #data(): string {
    return path.join(this.folder, 'data');
  }

  async #initialise(tls: PostgresServerOptions['tls']): Promise<void> {
    const owner = await userToBe();
    await mkdir(this.#data, { mode: 0o700 });
    if (owner !== undefined)
      for (const each of [this.folder, this.#data]) await chown(each, owner.uid, owner.gid);
    const words = [
      '-D',
      this.#data,
      '-U',
      'postgres',
      '--auth=trust',
      '--no-sync',
      '-E',
      'UTF8',
      '--no-locale',
    ];
    const [program, ...rest] = asUnprivileged('initdb', words);
    await run(program!, rest, { cwd: this.folder });
    for (const [name, text] of [
      ['server.crt', tls?.certificate],
      ['server.key', tls?.key],
    ] as const) {
      if (text === undefined) continue;
      const file = path.join(this.#data, name);
      await writeFile(file, text, { mode: 0o600 });
      if (owner !== undefined) await chown(file, owner.uid, owner.gid);
    }
  }
}

/** The server refuses to be run by root. */
function asUnprivileged(program: string, words: readonly string[]): readonly string[] {
  const own = [path.join(BIN ?? '', program), ...words];
  return process.getuid?.() === 0
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--', ...own]
    : own;
}

async function userToBe(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (which) => Number((await run('id', [which, 'postgres'])).stdout)),
  );
  return { uid: uid!, gid: gid! };
}
