import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { newOperatorKey, privateKeyOf, publicLineOf } from '@turingpi/fleet';
import { CleanupStack } from '@turingpi/foundation';
import { stringify } from 'yaml';
import { type CliResult, runCli, startCli } from '../support/site/run-cli.js';

const PACKAGES = path.resolve(import.meta.dirname, '../../packages');

/** What one line of `--json` says. */
export type Line = Readonly<Record<string, unknown>>;

/** What tells a computer of a fleet from others. */
export interface FleetComputer {
  /** Its name. Default: that of the one that runs the tests. */
  readonly host?: string;
  /** Variables of all that runs there. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What its processes say on standard error is kept only, not shown. */
  readonly isQuiet?: boolean;
}

/** The folder of a fleet, with the plugins installed in it that it needs, as the built command finds them. */
export class FleetFolder implements AsyncDisposable {
  readonly #cleanup = new CleanupStack();

  private constructor(
    readonly directory: string,
    private readonly computer: FleetComputer,
  ) {}

  /** @param plugins - names of our packages besides `fleet`, or folders of others */
  static async make(plugins: readonly string[], computer: FleetComputer = {}): Promise<FleetFolder> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-fleet-'));
    const environment = { TPI_FLEET_KEY: randomBytes(32).toString('base64'), ...computer.environment };
    const folder = new FleetFolder(directory, { ...computer, environment });
    folder.#cleanup.defer('folder', () => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    const folders = ['fleet', ...plugins].map((name) => path.resolve(PACKAGES, name));
    const modules = path.join(directory, 'node_modules/@turingpi');
    await mkdir(modules, { recursive: true });
    for (const each of folders) await symlink(each, path.join(modules, path.basename(each)), 'junction');
    const dependencies = Object.fromEntries(folders.map((each) => [`@turingpi/${path.basename(each)}`, '*']));
    await writeFile(path.join(directory, 'package.json'), JSON.stringify({ dependencies }));
    return folder;
  }

  /** Writes the fleet file; its operator is called ada, and her key is `ada.pem`. */
  async write(fleet: Line): Promise<void> {
    const pem = newOperatorKey();
    const operators = { ada: publicLineOf(privateKeyOf(pem)!) };
    await writeFile(path.join(this.directory, 'ada.pem'), pem, { mode: 0o600 });
    await writeFile(path.join(this.directory, 'fleet.yaml'), stringify({ operators, ...fleet }));
  }

  /** Runs `turingpi fleet … --json` to its end. */
  run(...words: readonly string[]): Promise<CliResult> {
    return runCli(['fleet', ...words, '--json'], this.#how);
  }

  /** Starts `turingpi fleet … --json` as a process; resolves when it says that it is ready. */
  async start(...words: readonly string[]): Promise<FleetProcess> {
    const started = this.begin(words);
    await started.line(({ type }) => String(type).endsWith(':ready'));
    return started;
  }

  /** Starts `turingpi fleet … --json` as a process. */
  begin(words: readonly string[], environment: Readonly<Record<string, string>> = {}): FleetProcess {
    return this.beginCommand(['fleet', ...words], environment);
  }

  /** Starts `turingpi … --json` as a process, with the plugins of the folder. */
  beginCommand(words: readonly string[], environment: Readonly<Record<string, string>> = {}): FleetProcess {
    const { cwd, env } = this.#how;
    const { host, isQuiet = false } = this.computer;
    const how = { cwd, env: { ...env, ...environment }, host, stderr: 'pipe' } as const;
    const child = startCli([...words, '--json'], how);
    this.#cleanup.defer(words.join(' '), async () => {
      await ended(child, 'SIGKILL');
    });
    if (!isQuiet) child.stderr!.pipe(process.stderr, { end: false });
    return new FleetProcess(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup[Symbol.asyncDispose]();
  }

  get #how() {
    return { cwd: this.directory, env: this.computer.environment ?? {} };
  }
}

/** A command of a fleet that goes on. */
export class FleetProcess {
  readonly lines: Line[] = [];
  /** What it said on standard error. */
  log = '';
  /** Is told of each line. */
  hear: (line: Line) => void = () => undefined;
  readonly #listeners = new Set<() => void>();

  constructor(readonly child: ChildProcess) {
    child.stderr!.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      const said = JSON.parse(line) as Line;
      this.lines.push(said);
      this.hear(said);
      for (const listen of this.#listeners) listen();
    });
    child.on('close', () => {
      for (const listen of this.#listeners) listen();
    });
  }

  /** Waits for a line that it says, or has said. */
  async line(isMeant: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = this.lines.find(isMeant);
      if (found !== undefined) return found;
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`it has ended with ${this.child.exitCode ?? this.child.signalCode}`);
      await new Promise<void>((resolve) => {
        const listen = () => {
          this.#listeners.delete(listen);
          resolve();
        };
        this.#listeners.add(listen);
      });
    }
  }

  /** Sends a signal, and waits for its end. @returns The exit code; undefined where the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | undefined> {
    return ended(this.child, signal);
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | undefined> {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close'); // all that it said has arrived
    child.kill(signal);
    await closed;
  }
  return child.exitCode ?? undefined;
}
