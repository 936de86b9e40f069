import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { freePort } from '../free-port.js';

const NAMESPACE = 'default';
const STARTED_WITHIN_MS = 60_000;

/** Where it may be: named by a variable, or in the PATH. */
const PROGRAM = [
  process.env['TEMPORAL_PROGRAM'] ?? '',
  ...(process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'temporal')),
].find(isExecutable);

/** Says whether there is a Temporal server to be started; where not, the test is skipped, which with `CI=true` is a failure. */
export function requireTemporal(): { readonly missing: boolean } {
  if (PROGRAM !== undefined) return { missing: false };
  const text = 'the program `temporal` is not installed (test/support/temporal/requirements.txt)';
  if (process.env['CI'] === 'true') throw new Error(text);
  process.stderr.write(`skipping: ${text}\n`);
  return { missing: true };
}

/** A real server with a database of its own in a folder of its own, on ports that were free. */
export class TemporalServer implements AsyncDisposable {
  #process: ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    private readonly port: number,
    private readonly settings: Readonly<Record<string, number>>,
  ) {}

  /** @param settings - of its dynamic configuration, by their keys, where they are to differ from what is usual */
  static async start(settings: Readonly<Record<string, number>> = {}): Promise<TemporalServer> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-temporal-'));
    const server = new TemporalServer(folder, await freePort(), settings);
    try {
      await server.begin();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Where clients find it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get namespace(): string {
    return NAMESPACE;
  }

  /** Its SQLite database; beside it may lie what is written to it next. */
  get database(): string {
    return path.join(this.folder, 'temporal.db');
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it, after it was killed as well. Resolves when it answers. */
  async begin(): Promise<void> {
    const words = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--log-level', 'error'];
    const own = ['--port', String(this.port), '--db-filename', this.database];
    const different = Object.entries(this.settings).map(
      ([key, value]) => `--dynamic-config-value=${key}=${value}`,
    );
    const child = spawn(PROGRAM ?? 'temporal', [...words, ...own, ...different], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-4000)));
    const until = performance.now() + STARTED_WITHIN_MS;
    while (!(await this.#answers())) {
      if (child.exitCode !== null || performance.now() > until)
        throw new Error(`Temporal did not start: ${said}`);
      await sleep(50);
    }
  }

  /** Kills it: connections end, and nobody answers any more. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #answers(): Promise<boolean> {
    try {
      const connection = await Connection.connect({ address: this.address, connectTimeout: 1000 });
      try {
        await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
        return true;
      } finally {
        await connection.close();
      }
    } catch {
      return false;
    }
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return file !== '';
  } catch {
    return false;
  }
}
