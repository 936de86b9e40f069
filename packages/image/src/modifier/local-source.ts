import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ImageError } from '../image-error.js';
import type { LocalPart } from './recorded-content.js';

const MAX_TEMPLATE_BYTES = 1024 * 1024;
const CHUNK_BYTES = 512 * 1024;
/** Windows has no permission bits: what it reports means nothing on the node. */
const HAS_MODES = process.platform !== 'win32';

/** A file of this machine with its permission bits. */
export interface LocalFile {
  readonly content: LocalPart;
  readonly mode: number;
}

/** Something found in a directory of this machine; `path` is relative to it and begins with a slash. */
export type LocalTreeEntry =
  | { readonly type: 'directory'; readonly path: string; readonly mode: number }
  | { readonly type: 'file'; readonly path: string; readonly source: string }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string };

/**
 * Looks at a file of this machine and computes its digest, reading it in pieces.
 *
 * @throws ImageError `IMAGE_SOURCE_NOT_FOUND`, `IMAGE_SOURCE_UNREADABLE`; the reason of the signal.
 */
export async function inspectLocalFile(source: string, signal: AbortSignal): Promise<LocalFile> {
  const path = localPath(source);
  const info = await orSourceError(path, () => stat(path));
  if (info.isDirectory())
    throw new ImageError('IMAGE_SOURCE_UNREADABLE', `${path} is a directory, and a file is expected.`, {
      hint: 'Use copyLocalDirectory for directories.',
      details: { source: path },
    });
  if (!info.isFile())
    throw new ImageError('IMAGE_SOURCE_UNREADABLE', `${path} is not a regular file.`, {
      details: { source: path },
    });
  const hash = createHash('sha256');
  let size = 0;
  await orSourceError(path, () =>
    pipeline(
      createReadStream(path, { highWaterMark: CHUNK_BYTES }),
      async function (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          size += chunk.length;
        }
      },
      { signal },
    ),
  ).catch((error: unknown) => {
    signal.throwIfAborted(); // a pipeline wraps the reason of an abort
    throw error;
  });
  const mode = HAS_MODES ? info.mode & 0o7777 : 0o644;
  return { content: { kind: 'local', source: path, size, sha256: hash.digest('hex') }, mode };
}

/**
 * Opens a recorded file again; the stream fails with `IMAGE_SOURCE_CHANGED` when its content is not the recorded one.
 */
export function openLocalFile({ source, size, sha256 }: LocalPart): Readable {
  const changed = () =>
    new ImageError('IMAGE_SOURCE_CHANGED', `${source} was changed while the image was made.`, {
      details: { source },
    });
  const read = async function* () {
    const hash = createHash('sha256');
    const file = createReadStream(source, { highWaterMark: CHUNK_BYTES });
    let seen = 0;
    for await (const chunk of file as AsyncIterable<Buffer>) {
      seen += chunk.length;
      hash.update(chunk);
      // Before the last piece is handed on: who gets all bytes may not ask for an end.
      if (seen > size || (seen === size && hash.copy().digest('hex') !== sha256)) throw changed();
      yield chunk;
    }
    if (seen !== size) throw changed();
  };
  const stream = Readable.from(read(), { objectMode: false });
  stream.on('error', () => undefined); // an abort may come before anybody reads; readers get it from reading
  return stream;
}

/** Everything below a directory of this machine, parents before their content, sorted. */
export async function* walkLocalDirectory(
  source: string,
  signal: AbortSignal,
): AsyncGenerator<LocalTreeEntry> {
  const root = localPath(source);
  const info = await orSourceError(root, () => stat(root));
  if (!info.isDirectory())
    throw new ImageError('IMAGE_SOURCE_UNREADABLE', `${root} is not a directory.`, {
      details: { source: root },
    });
  yield { type: 'directory', path: '', mode: modeOf(info.mode) };
  yield* walk(root, '', signal);
}

/** The text of a template file of this machine. @throws ImageError `IMAGE_SOURCE_NOT_FOUND`, `IMAGE_SOURCE_UNREADABLE`. */
export async function readTemplate(source: string): Promise<string> {
  const path = localPath(source);
  const info = await orSourceError(path, () => stat(path));
  if (info.isFile() && info.size <= MAX_TEMPLATE_BYTES)
    return orSourceError(path, () => readFile(path, 'utf8'));
  const why = info.isFile() ? 'is over 1 MiB' : 'is not a file';
  throw new ImageError('IMAGE_SOURCE_UNREADABLE', `The template ${path} ${why}.`, {
    details: { source: path },
  });
}

/** @throws ImageError `IMAGE_SOURCE_NOT_FOUND` for what is no path at all: nothing would mean the working directory. */
function localPath(source: unknown): string {
  if (typeof source === 'string' && source !== '') return resolve(source);
  throw new ImageError('IMAGE_SOURCE_NOT_FOUND', 'The source is not a path.');
}

async function* walk(root: string, below: string, signal: AbortSignal): AsyncGenerator<LocalTreeEntry> {
  signal.throwIfAborted();
  const here = join(root, below);
  const names = await orSourceError(here, () => readdir(here));
  for (const name of names.sort()) {
    const source = join(here, name);
    const path = `${below}/${name}`;
    const info = await orSourceError(source, () => lstat(source));
    if (info.isSymbolicLink()) {
      yield { type: 'symlink', path, target: await orSourceError(source, () => readlink(source)) };
    } else if (info.isDirectory()) {
      yield { type: 'directory', path, mode: modeOf(info.mode) };
      yield* walk(root, path, signal);
    } else if (info.isFile()) yield { type: 'file', path, source };
    else
      throw new ImageError(
        'IMAGE_SOURCE_UNREADABLE',
        `${source} is neither a file, a directory nor a link.`,
        {
          details: { source },
        },
      );
  }
}

function modeOf(mode: number): number {
  return HAS_MODES ? mode & 0o7777 : 0o755;
}

async function orSourceError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ImageError || (cause instanceof Error && cause.name === 'AbortError')) throw cause;
    const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const isMissing = errno === 'ENOENT' || errno === 'ENOTDIR';
    throw new ImageError(
      isMissing ? 'IMAGE_SOURCE_NOT_FOUND' : 'IMAGE_SOURCE_UNREADABLE',
      isMissing ? `${path} does not exist on this machine.` : `${path} cannot be read: ${errno}.`,
      { cause, details: { source: path } },
    );
  }
}
