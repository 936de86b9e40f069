import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { ImageSession } from '../engine/image-engine.js';
import type { FileStat, FileSystem } from '../filesystem/file-system.js';
import { ImageError } from '../image-error.js';

/** What of a file can differ. Times are not compared: every edit changes them. */
export interface FileFacts extends Pick<FileStat, 'type' | 'mode' | 'uid' | 'gid' | 'size'> {
  /** SHA-256 of a file's content, hex; of added and changed files only. */
  readonly sha256: string | undefined;
  /** What a symlink states. */
  readonly target: string | undefined;
}

export type ChangedFact = 'type' | 'mode' | 'owner' | 'content' | 'target' | 'attributes';

/** A file that two images do not have alike. */
export interface FileDifference {
  /** Number of the partition, counted from one. */
  readonly partition: number;
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before: FileFacts | undefined;
  readonly after: FileFacts | undefined;
  /** What changed; empty for added and removed files. */
  readonly facts: readonly ChangedFact[];
}

/** A partition that cannot be compared file by file. */
export interface PartitionRemark {
  readonly partition: number;
  readonly remark: string;
}

/**
 * Compares two images file by file, partition by partition (by number): what the second has added, removed or changed.
 *
 * @returns Differences sorted by path, as they are found.
 * @throws ImageError of the filesystems; the reason of the signal.
 */
export async function* diffImages(
  before: ImageSession,
  after: ImageSession,
  signal: AbortSignal,
): AsyncGenerator<FileDifference | PartitionRemark, void, undefined> {
  const numbers = new Set(
    [before, after].flatMap(({ partitionTable }) => partitionTable.partitions.map(({ number }) => number)),
  );
  for (const partition of [...numbers].sort((a, b) => a - b)) {
    const [a, b] = [await openPartition(before, partition), await openPartition(after, partition)];
    if (typeof a === 'string' || typeof b === 'string') {
      const [inA, inB] = [a, b].map((found) => (typeof found === 'string' ? found : 'readable'));
      if (inA === inB) yield { partition, remark: `not compared: ${inA ?? ''}` };
      else yield { partition, remark: `not compared: first image: ${inA ?? ''}; second image: ${inB ?? ''}` };
    } else yield* new FileComparison(partition, a, b, signal).directory('/');
  }
}

/** @returns The filesystem, or why there is none. */
async function openPartition(session: ImageSession, number: number): Promise<FileSystem | string> {
  if (!session.partitionTable.partitions.some((partition) => partition.number === number))
    return 'there is no such partition';
  try {
    return (await session.files(number)).fileSystem;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return error.message;
  }
}

class FileComparison {
  constructor(
    private readonly partition: number,
    private readonly a: FileSystem,
    private readonly b: FileSystem,
    private readonly signal: AbortSignal,
  ) {}

  /** The differences below a directory that both have. */
  async *directory(path: string): AsyncGenerator<FileDifference, void, undefined> {
    const [inA, inB] = [await namesIn(this.a, path), await namesIn(this.b, path)];
    for (const name of [...new Set([...inA, ...inB])].sort()) {
      this.signal.throwIfAborted();
      const at = posix.join(path, name);
      if (!inB.has(name)) yield* this.#onlyIn(this.a, at, 'removed');
      else if (!inA.has(name)) yield* this.#onlyIn(this.b, at, 'added');
      else yield* this.#both(at);
    }
  }

  async *#both(path: string): AsyncGenerator<FileDifference, void, undefined> {
    const [statA, statB] = [await this.a.lstat(path), await this.b.lstat(path)];
    if (statA === undefined || statB === undefined) return;
    const [before, after] = [
      await factsOf(this.a, path, statA, false),
      await factsOf(this.b, path, statB, false),
    ];
    const facts = await this.#changedFacts(path, before, after);
    if (facts.length > 0) {
      const withContent = facts.includes('content') || facts.includes('type');
      yield {
        partition: this.partition,
        path,
        change: 'changed',
        before: withContent ? await factsOf(this.a, path, statA, true) : before,
        after: withContent ? await factsOf(this.b, path, statB, true) : after,
        facts,
      };
    }
    if (statA.type === 'directory' && statB.type === 'directory') yield* this.directory(path);
    else {
      if (statA.type === 'directory') yield* this.#below(this.a, path, 'removed');
      if (statB.type === 'directory') yield* this.#below(this.b, path, 'added');
    }
  }

  async #changedFacts(path: string, a: FileFacts, b: FileFacts): Promise<ChangedFact[]> {
    if (a.type !== b.type) return ['type'];
    const facts: ChangedFact[] = [];
    if (a.mode !== b.mode) facts.push('mode');
    if (a.uid !== b.uid || a.gid !== b.gid) facts.push('owner');
    if (a.target !== b.target) facts.push('target');
    if (a.type === 'file' && (a.size !== b.size || (a.size > 0 && !(await this.#isSameContent(path)))))
      facts.push('content');
    if (!(await this.#hasSameAttributes(path))) facts.push('attributes');
    return facts;
  }

  async #isSameContent(path: string): Promise<boolean> {
    return (await digestOf(this.a, path)) === (await digestOf(this.b, path));
  }

  async #hasSameAttributes(path: string): Promise<boolean> {
    const render = async (files: FileSystem): Promise<string> => {
      const attributes = await files.readExtendedAttributes(path);
      return JSON.stringify([...attributes].map(([name, value]) => [name, value.toString('hex')]).sort());
    };
    return (await render(this.a)) === (await render(this.b));
  }

  async *#onlyIn(
    files: FileSystem,
    path: string,
    change: 'added' | 'removed',
  ): AsyncGenerator<FileDifference, void, undefined> {
    const stat = await files.lstat(path);
    if (stat === undefined) return;
    const facts = await factsOf(files, path, stat, true);
    const [before, after] = change === 'added' ? [undefined, facts] : [facts, undefined];
    yield { partition: this.partition, path, change, before, after, facts: [] };
    if (stat.type === 'directory') yield* this.#below(files, path, change);
  }

  async *#below(
    files: FileSystem,
    path: string,
    change: 'added' | 'removed',
  ): AsyncGenerator<FileDifference, void, undefined> {
    for (const name of [...(await namesIn(files, path))].sort()) {
      this.signal.throwIfAborted();
      yield* this.#onlyIn(files, posix.join(path, name), change);
    }
  }
}

async function namesIn(files: FileSystem, path: string): Promise<ReadonlySet<string>> {
  const entries = await files.list(path);
  return new Set(entries.map(({ name }) => name).filter((name) => name !== '.' && name !== '..'));
}

async function factsOf(
  files: FileSystem,
  path: string,
  { type, mode, uid, gid, size }: FileStat,
  withDigest: boolean,
): Promise<FileFacts> {
  return {
    type,
    mode,
    uid,
    gid,
    size,
    sha256: withDigest && type === 'file' ? await digestOf(files, path) : undefined,
    target: type === 'symlink' ? await files.readLink(path) : undefined,
  };
}

async function digestOf(files: FileSystem, path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of files.readStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
