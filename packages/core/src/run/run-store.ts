import { existsSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { isOfThisComputer } from '@turingpi/foundation';
import { noCacheDirectory } from '../errors/no-cache-directory.js';
import { RunError } from '../errors/run-error.js';
import { parseRunEvent } from './parse-run-event.js';
import { writeRequest } from './run-cancellation.js';
import { RUN_SCHEMA_VERSION, type RunEvent } from './run-event.js';
import {
  assertOurDirectory,
  cancelFileOf,
  copyMarkOf,
  heartbeatFileOf,
  runFileOf,
  runIdOfFile,
} from './run-files.js';
import { notFound, unreadable } from './run-file-errors.js';
import { hasDied } from './run-heartbeat.js';
import { RunLines } from './run-lines.js';
import {
  isKnownSchema,
  lifeOf,
  mayBeRun,
  readRunRecord,
  type RunRecord,
  type RunStarted,
} from './run-record.js';

/** Between two looks at a file that grows, in milliseconds. */
const LOOK_EVERY_MS = 250;
/** Only at each so manieth look it is asked whether a run on another computer still gives signs of life. */
const LOOKS_ELSEWHERE = 20;
/** After so many events others of this process have their turn. */
const BREATHE_EVERY = 1000;

/** Which runs are removed. */
export interface PruneRunsOptions {
  /** So many of the newest stay. */
  readonly keep?: number;
  /** Those that began before this time are removed, if they are not among the newest that stay. */
  readonly before?: Date;
  /** Only tell. */
  readonly dryRun?: boolean;
}

/** The runs on file in a directory, `<cacheDir>/runs`: to be listed, read, followed, asked to stop and removed. */
export class RunStore {
  /** @param directory - need not exist */
  constructor(readonly directory: string) {}

  /**
   * The names of all runs, the newest first.
   *
   * @throws RunError `RUN_UNREADABLE` when the directory is not this user's, or cannot be read; ConfigError `CONFIG_INVALID`
   * where the cache directory cannot be one, as a file is in its place.
   */
  ids(): readonly string[] {
    try {
      assertOurDirectory(this.directory);
      const ids = readdirSync(this.directory).map(runIdOfFile);
      return ids
        .filter((id) => id !== undefined)
        .sort()
        .reverse();
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT') return [];
      if (code === 'ENOTDIR') throw noCacheDirectory(path.dirname(this.directory), cause);
      throw unreadable(`the runs in ${this.directory} cannot be read`, cause);
    }
  }

  /** The runs on file, the newest first; files that are not this user's are left out. @param limit - at most so many */
  async list(limit = Infinity): Promise<readonly RunRecord[]> {
    const records: RunRecord[] = [];
    for (const id of this.ids()) {
      if (records.length >= limit) break;
      const record = await readRunRecord(this.directory, id).catch(() => undefined);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  /**
   * One run.
   *
   * @param prefix - the beginning of its name; default: the newest
   * @throws RunError `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`, `RUN_UNREADABLE`.
   */
  async find(prefix = ''): Promise<RunRecord> {
    const found = this.ids().filter((id) => id.startsWith(prefix));
    const [newest] = found;
    if (newest === undefined) throw notFound(prefix, this.directory);
    if (prefix !== '' && found.length > 1)
      throw new RunError('RUN_AMBIGUOUS', `${found.length} runs begin with ${prefix}`, {
        hint: `Give more of the name: ${found.slice(0, 3).join(', ')}${found.length > 3 ? ', …' : ''}.`,
        details: { runs: found },
      });
    try {
      return await readRunRecord(this.directory, newest);
    } catch (cause) {
      throw unreadable(`the run ${newest} cannot be read`, cause);
    }
  }

  /**
   * What happened in a run, in order. Half a line at the end, and lines that are none of ours, are left out.
   *
   * @param id - its whole name
   * @throws RunError `RUN_NOT_FOUND`, `RUN_UNREADABLE`; `RUN_UNSUPPORTED_SCHEMA` for the file of a newer version.
   */
  async *read(id: string): AsyncGenerator<RunEvent, void, undefined> {
    using file = this.#open(id);
    let count = 0;
    for (const event of eventsOf(file, id, true)) {
      yield event;
      count += 1;
      if (count % BREATHE_EVERY === 0) await breathe();
    }
  }

  /**
   * The same while it goes on: waits for more until the run has ended, or its process is gone.
   *
   * @throws As {@link read}; the signal's reason.
   */
  async *follow(
    id: string,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<RunEvent, void, undefined> {
    using file = this.#open(id);
    let started: RunStarted | undefined;
    for (let look = 0; ; look += 1) {
      signal.throwIfAborted();
      // Looked at before the file: what was written last is read then.
      const isOver = started !== undefined && (await this.#isOver(id, started, look));
      for (const event of eventsOf(file, id, started === undefined)) {
        if (event.type === 'run:started') started = event;
        yield event;
        if (event.type === 'run:ended') return;
        signal.throwIfAborted();
      }
      if (isOver) return;
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  /**
   * Asks a run to stop, whoever runs it; it finds the request within a second.
   *
   * @param by - who asks: the run tells it
   * @throws RunError `RUN_ENDED` when there is nothing to stop, `RUN_ELSEWHERE` when it is another computer's; as {@link find}.
   */
  async requestCancel(id: string, by: string): Promise<void> {
    const { outcome, started } = await this.find(id);
    if (outcome !== 'running')
      throw new RunError('RUN_ENDED', `the run ${id} goes on no more: ${outcome}`, {
        hint: '`turingpi run list` shows which one runs.',
        details: { outcome },
      });
    if (existsSync(copyMarkOf(this.directory, id)))
      throw new RunError('RUN_ELSEWHERE', `the run ${id} goes on on another computer (${started?.host})`, {
        hint: 'Stop it there, with the same command.',
      });
    try {
      writeRequest(this.directory, id, by);
    } catch (cause) {
      throw unreadable(`the run ${id} cannot be asked to stop`, cause);
    }
  }

  /**
   * Removes runs that are over.
   *
   * @returns The names of those that were removed, or would be.
   * @throws RunError `RUN_UNREADABLE` when one cannot be removed.
   */
  async prune({ keep = 0, before, dryRun = false }: PruneRunsOptions): Promise<readonly string[]> {
    const removed: string[] = [];
    for (const id of this.ids().slice(keep)) {
      const record = await readRunRecord(this.directory, id).catch(() => undefined);
      if (record === undefined || record.outcome === 'running') continue;
      if (before !== undefined && !(startOf(record) < before.getTime())) continue;
      if (record.outcome === 'unreadable' && (await mayBeRun(this.directory, id).catch(() => true))) continue;
      if (dryRun || this.#remove(id)) removed.push(id);
    }
    return removed;
  }

  /** Whether nothing more comes. Another computer's run is looked after less often: that costs a file. */
  async #isOver(id: string, started: RunStarted, look: number): Promise<boolean> {
    const life = lifeOf(started);
    if (!(await isOfThisComputer(life.owner)) && look % LOOKS_ELSEWHERE !== 0) return false;
    return hasDied(this.directory, id, life);
  }

  /** @returns Whether it was there: another process may remove the same ones. */
  #remove(id: string): boolean {
    try {
      unlinkSync(runFileOf(this.directory, id));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw unreadable(`the run ${id} cannot be removed`, cause);
    }
    for (const fileOf of [cancelFileOf, heartbeatFileOf, copyMarkOf])
      rmSync(fileOf(this.directory, id), { force: true }); // mostly there is none
    return true;
  }

  #open(id: string): RunLines {
    try {
      assertOurDirectory(this.directory);
      return new RunLines(runFileOf(this.directory, id));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw notFound(id, this.directory);
      throw unreadable(`the run ${id} cannot be read`, cause);
    }
  }
}

/** Events that were not read yet. @param isBeginning - the first one must say what the others mean */
function* eventsOf(file: RunLines, id: string, isBeginning: boolean): Generator<RunEvent> {
  let isFirst = isBeginning;
  for (let lines = file.next(); lines.length > 0; lines = file.next())
    for (const line of lines) {
      const event = parseRunEvent(line, id);
      if (isFirst) assertReadable(event, id);
      isFirst = false;
      if (event !== undefined) yield event;
    }
}

function assertReadable(first: RunEvent | undefined, id: string): void {
  if (first?.type !== 'run:started')
    throw unreadable(`the file of the run ${id} does not begin as one`, undefined);
  if (isKnownSchema(first)) return;
  throw new RunError(
    'RUN_UNSUPPORTED_SCHEMA',
    `the run ${id} was written by a newer version: schema ${String(first.schema)}, this one knows ${RUN_SCHEMA_VERSION}`,
    { hint: 'Look at it with the version that made it, or a newer one.' },
  );
}

/** When it began, in milliseconds since the epoch: by its name where nothing else tells. */
function startOf({ id, started }: RunRecord): number {
  const [, year, month, day, hour, minute] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/.exec(id) ?? ([] as readonly string[]);
  return Date.parse(started?.at ?? `${year}-${month}-${day}T${hour}:${minute}:00Z`);
}
