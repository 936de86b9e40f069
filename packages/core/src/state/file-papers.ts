import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { LineFile } from '@turingpi/foundation';
import { StateError } from '../errors/state-error.js';
import { writeDurably } from './durable-write.js';
import { FileLock } from './file-lock.js';
import type { KeptLog, SharedLog, SharedPapers } from './shared-papers.js';
import type { SharedText } from './shared-text.js';

/** Texts and logs in files of mode 0600 beside a state file, each named after it. */
export class FilePapers implements SharedPapers {
  readonly reach = 'computer';
  readonly #stem: string;

  /** @param stateFile - its directory must exist */
  constructor(stateFile: string) {
    this.#stem = stateFile.replace(/\.json$/, '');
  }

  text(name: string): SharedText {
    return new TextFile(this.#fileOf(name, 'txt'));
  }

  log(name: string): SharedLog {
    return new LogFile(this.#fileOf(name, 'jsonl'));
  }

  async logs(prefix: string): Promise<readonly KeptLog[]> {
    const directory = path.dirname(this.#stem);
    const own = `${path.basename(this.#stem)}.`;
    const logs: KeptLog[] = [];
    for (const file of await readdir(directory)) {
      if (!file.startsWith(own) || !file.endsWith('.jsonl')) continue;
      const name = decoded(file.slice(own.length, -'.jsonl'.length));
      if (name?.startsWith(prefix) !== true) continue;
      const found = await stat(path.join(directory, file)).catch(() => undefined); // removed meanwhile
      if (found !== undefined) logs.push({ name, idleMs: Math.max(0, Date.now() - found.mtimeMs) });
    }
    return logs;
  }

  async removeLog(name: string): Promise<void> {
    await rm(this.#fileOf(name, 'jsonl'), { force: true });
  }

  #fileOf(name: string, ending: string): string {
    return `${this.#stem}.${encodeURIComponent(name)}.${ending}`;
  }
}

class LogFile implements SharedLog {
  readonly #file: LineFile;

  constructor(readonly location: string) {
    this.#file = new LineFile(location);
  }

  async append(lines: readonly string[], at?: number): Promise<void> {
    const known = at === undefined ? 0 : Math.max(0, (await this.#file.read()).length - at);
    const added = lines.slice(known);
    if (added.length > 0) return this.#file.append(added);
    const now = new Date();
    await utimes(this.location, now, now).catch(() => undefined); // nothing was ever added
  }

  async read(from = 0): Promise<readonly string[]> {
    return (await this.#file.read()).slice(from);
  }
}

class TextFile implements SharedText {
  constructor(readonly location: string) {}

  async read(): Promise<string | undefined> {
    return readFile(this.location, 'utf8').catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw cause;
    });
  }

  async update(change: (current: string | undefined) => string | undefined): Promise<string | undefined> {
    await using lock = await FileLock.acquire(this.location);
    const current = await this.read();
    const next = change(current);
    if (next === undefined) return current;
    try {
      await writeDurably(this.location, next, () => lock.assertHeld());
    } catch (cause) {
      if (cause instanceof StateError) throw cause;
      throw new StateError('STATE_WRITE_FAILED', `${this.location} cannot be written`, {
        cause,
        hint: 'Check free space and permissions of its directory.',
      });
    }
    return next;
  }
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined; // none of ours
  }
}
