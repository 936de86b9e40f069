import { Readable } from 'node:stream';
import type {
  DirectoryEntry,
  FileStat,
  ReadableFileSystem,
  FileSystemUsage,
} from '../filesystem/file-system.js';

/** What a filesystem answered, by path; JSON-safe. Contents of files are not in it. */
export interface FileSystemAnswers {
  readonly kind: 'ext4' | 'fat';
  readonly label: string;
  readonly uuid: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;
  /** `null` where nothing is; times in milliseconds. */
  readonly stats: Record<string, RememberedStat | null>;
  readonly links: Record<string, string>;
  readonly directories: Record<string, readonly DirectoryEntry[]>;
}

/** A {@link FileStat} as JSON has it. */
export type RememberedStat = Omit<FileStat, 'mtime'> & { readonly mtimeMs: number };

/** Answers of a filesystem that was not asked anything yet. */
export function noAnswers({ kind, label, uuid, facts }: ReadableFileSystem): FileSystemAnswers {
  return { kind, label, uuid, facts, stats: {}, links: {}, directories: {} };
}

/**
 * A filesystem that answers from what it was asked before; only a new question opens the real one.
 *
 * @remarks For a base image that cannot have changed: the same questions are asked of it at every run, and opening it
 * costs more than all the rest of a run in which nothing is to be done.
 */
export class RememberedFileSystem implements ReadableFileSystem {
  readonly kind: 'ext4' | 'fat';
  readonly label: string;
  readonly uuid: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;

  /**
   * @param answers - what is known; grows by what is asked
   * @param open - gives the real filesystem
   * @param learnt - called when the answers have grown
   */
  constructor(
    private readonly answers: FileSystemAnswers,
    private readonly open: () => Promise<ReadableFileSystem>,
    private readonly learnt: () => void,
  ) {
    this.kind = answers.kind;
    this.label = answers.label;
    this.uuid = answers.uuid;
    this.facts = answers.facts;
  }

  async lstat(path: string): Promise<FileStat | undefined> {
    const stat = await this.#remember(this.answers.stats, path, async (real) => {
      const found = await real.lstat(path);
      if (found === undefined) return null;
      const { mtime, ...others } = found;
      return { ...others, mtimeMs: mtime.getTime() };
    });
    if (stat === null) return undefined;
    const { mtimeMs, ...others } = stat;
    return { ...others, mtime: new Date(mtimeMs) };
  }

  readLink(path: string): Promise<string> {
    return this.#remember(this.answers.links, path, (real) => real.readLink(path));
  }

  async list(path: string): Promise<DirectoryEntry[]> {
    return [...(await this.#remember(this.answers.directories, path, (real) => real.list(path)))];
  }

  async readFile(path: string, options?: { readonly maxBytes?: number }): Promise<Buffer> {
    return (await this.open()).readFile(path, options);
  }

  readStream(path: string): Readable {
    const { open } = this;
    return Readable.from(
      (async function* () {
        yield* (await open()).readStream(path) as AsyncIterable<Buffer>;
      })(),
      { objectMode: false },
    );
  }

  async readExtendedAttributes(path: string): Promise<ReadonlyMap<string, Buffer>> {
    return (await this.open()).readExtendedAttributes(path);
  }

  async usage(): Promise<FileSystemUsage> {
    return (await this.open()).usage();
  }

  async #remember<T>(
    answers: Record<string, T>,
    path: string,
    ask: (real: ReadableFileSystem) => Promise<T>,
  ): Promise<T> {
    if (Object.hasOwn(answers, path)) return answers[path] as T;
    const answer = await ask(await this.open());
    answers[path] = answer; // paths begin with a slash: none is named like what every object has
    this.learnt();
    return answer;
  }
}
