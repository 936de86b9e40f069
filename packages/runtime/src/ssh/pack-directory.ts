import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Pack } from 'tar-stream';
import { readable, type TreeEntry, unreadable, walkLocalTree } from './local-tree.js';

/** Whose a directory's copy is to be: names or numbers. */
export interface TreeOwner {
  readonly user: string;
  readonly group: string;
}

// Files up to this are read at once, without the thread pool, through which it takes longer than sending them.
const SMALL_BYTES = 64 * 1024;
const PIECE_BYTES = 256 * 1024;

/**
 * A directory of this machine as a tar archive, in pieces of some 256 KiB; the directory itself is no entry of it.
 *
 * @throws RuntimeError `LOCAL_FILE_UNREADABLE`, also when a file changes while it is read.
 */
export async function* packDirectory(directory: string, owner: TreeOwner): AsyncGenerator<Buffer> {
  const { pack } = await import('tar-stream'); // few runs copy a directory
  const archive = pack();
  const stop = new AbortController();
  const filling = fill(archive, walkLocalTree(directory), owner, stop.signal).catch((error: unknown) =>
    archive.destroy(error as Error),
  );
  try {
    let gathered: Buffer[] = [];
    let bytes = 0;
    for await (const piece of archive as AsyncIterable<Buffer>) {
      gathered.push(piece);
      bytes += piece.length;
      if (bytes < PIECE_BYTES) continue;
      yield Buffer.concat(gathered);
      gathered = [];
      bytes = 0;
    }
    if (bytes > 0) yield Buffer.concat(gathered);
  } finally {
    stop.abort(); // whoever wants no more of it leaves no file open
    archive.destroy();
    await filling;
  }
}

async function fill(
  archive: Pack,
  entries: Iterable<TreeEntry>,
  owner: TreeOwner,
  signal: AbortSignal,
): Promise<void> {
  for (const entry of entries) {
    signal.throwIfAborted();
    const header = headerOf(entry, owner);
    if (entry.kind !== 'file') await add(archive, header, Buffer.alloc(0));
    else if (entry.size <= SMALL_BYTES) await add(archive, header, readSmall(entry));
    else await addFile(archive, entry, header, signal);
  }
  archive.finalize();
}

/** Adds an entry whose content is here; fulfilled when there is room for the next one. */
function add(archive: Pack, header: Parameters<Pack['entry']>[0], content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, content, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The whole of a file. */
function readSmall(entry: TreeEntry): Buffer {
  const content = Buffer.allocUnsafe(entry.size + 1); // one more shows a file that has grown
  const length = readable(entry.localPath, () => {
    const file = openSync(entry.localPath, 'r');
    try {
      return readSync(file, content, 0, content.length, 0);
    } finally {
      closeSync(file);
    }
  });
  if (length !== entry.size) throw changed(entry);
  return content.subarray(0, length);
}

function headerOf(entry: TreeEntry, { user, group }: TreeOwner): Parameters<Pack['entry']>[0] {
  return {
    name: entry.kind === 'directory' ? `${entry.name}/` : entry.name,
    type: entry.kind,
    mode: entry.mode,
    mtime: new Date(entry.modified * 1000),
    size: entry.size,
    ...(entry.target !== undefined && { linkname: entry.target }),
    ...(isNumber(user) ? { uid: Number(user) } : { uname: user }),
    ...(isNumber(group) ? { gid: Number(group) } : { gname: group }),
  };
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

async function addFile(
  archive: Pack,
  entry: TreeEntry,
  header: Parameters<Pack['entry']>[0],
  signal: AbortSignal,
): Promise<void> {
  const file = await open(entry.localPath, 'r').catch((cause: unknown) => {
    throw unreadable(entry.localPath, String((cause as NodeJS.ErrnoException).code), cause);
  });
  try {
    const sink = archive.entry(header);
    let left = entry.size;
    while (left > 0) {
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(PIECE_BYTES),
        0,
        Math.min(left, PIECE_BYTES),
      );
      if (bytesRead === 0) throw changed(entry);
      left -= bytesRead;
      if (!sink.write(buffer.subarray(0, bytesRead))) await once(sink, 'drain', { signal });
    }
    const flushed = once(sink, 'finish', { signal });
    sink.end(undefined);
    await flushed;
  } finally {
    await file.close();
  }
}

function changed(entry: TreeEntry): Error {
  return unreadable(entry.localPath, 'it changed while it was read');
}
