import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileLock } from '../state/file-lock.js';
import type { KeptLog, SharedPapers } from '../state/shared-papers.js';
import { RUN_LOGS } from './run-copy.js';
import type { RunEvent } from './run-event.js';
import { copyMarkOf, heartbeatFileOf, runFileOf } from './run-files.js';
import { isRunId } from './run-id.js';
import type { RunRecord } from './run-record.js';
import { type PruneRunsOptions, RunStore } from './run-store.js';

/** Between two looks at a run on another computer, in milliseconds. */
const LOOK_EVERY_MS = 1000;

/** Stores that other computers tell of their runs; closed by whoever opened them. */
export interface OpenedPapers extends AsyncDisposable {
  readonly papers: readonly SharedPapers[];
}

/**
 * The runs of a directory, and those of other computers that share the state: they are copied here before they are looked
 * at, and stay readable when the store is away.
 */
export class SharedRunStore extends RunStore {
  /** @param open - opens the stores for one look; what it throws counts as nothing new */
  constructor(
    directory: string,
    private readonly open: () => Promise<OpenedPapers>,
  ) {
    super(directory);
  }

  override async list(limit?: number): Promise<readonly RunRecord[]> {
    await this.#fetch();
    return super.list(limit);
  }

  override async find(prefix?: string): Promise<RunRecord> {
    await this.#fetch();
    return super.find(prefix);
  }

  override async *follow(
    id: string,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<RunEvent, void, undefined> {
    await using opened = await this.open();
    const ended = new AbortController();
    const signal = AbortSignal.any([ended.signal, options.signal]);
    const fetching = this.#keepFetching(opened.papers, id, signal);
    try {
      yield* super.follow(id, options);
    } finally {
      ended.abort();
      await fetching;
    }
  }

  override async prune(options: PruneRunsOptions): Promise<readonly string[]> {
    await using opened = await this.open();
    await fetchRuns(opened.papers, this.directory);
    const removed = await super.prune(options);
    if (options.dryRun === true) return removed;
    for (const id of removed) for (const papers of opened.papers) await papers.removeLog(`${RUN_LOGS}${id}`);
    return removed;
  }

  async #fetch(): Promise<void> {
    await using opened = await this.open();
    await fetchRuns(opened.papers, this.directory);
  }

  async #keepFetching(papers: readonly SharedPapers[], id: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await fetchRuns(papers, this.directory, id).catch(() => undefined); // the next look may find it
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Copies what other computers tell of their runs. @param which - the beginning of the names of those that are wanted */
async function fetchRuns(papers: readonly SharedPapers[], directory: string, which = ''): Promise<void> {
  for (const each of papers)
    for (const log of await each.logs(`${RUN_LOGS}${which}`)) await fetchRun(each, log, directory);
}

async function fetchRun(papers: SharedPapers, { name, idleMs }: KeptLog, directory: string): Promise<void> {
  const id = name.slice(RUN_LOGS.length);
  if (!isRunId(id)) return; // it becomes the name of a file
  const file = runFileOf(directory, id);
  const mark = copyMarkOf(directory, id);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await using lock = await FileLock.acquire(mark);
  if (!isThere(mark)) {
    if (isThere(file)) return; // a run of this computer
    writeFileSync(mark, '', { mode: 0o600 });
  }
  const known = isThere(file) ? countLines(readFileSync(file)) : 0;
  const lines = await papers.log(name).read(known);
  lock.assertHeld(); // or lines of another look would be there twice
  if (lines.length > 0 || known === 0)
    appendFileSync(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  const lastSign = new Date(Date.now() - idleMs);
  utimesSync(file, lastSign, lastSign);
  rmSync(heartbeatFileOf(directory, id), { force: true }); // the time of the copy tells it
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}
