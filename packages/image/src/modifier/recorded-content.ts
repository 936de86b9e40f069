import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ReadableFileSystem } from '../filesystem/file-system.js';

/** Bytes given in code. */
export interface BytesPart {
  readonly kind: 'bytes';
  readonly bytes: Buffer;
}

/** A file of this machine, as it was when it was recorded. */
export interface LocalPart {
  readonly kind: 'local';
  /** Absolute. */
  readonly source: string;
  readonly size: number;
  /** SHA-256, hex. */
  readonly sha256: string;
}

/** What a file of the image had before. */
export interface BasePart {
  readonly kind: 'base';
  readonly path: string;
  readonly size: number;
}

/** A piece of a file's content; a file is a list of them. */
export type ContentPart = BytesPart | LocalPart | BasePart;

/** Length of a content in bytes. */
export function partsSize(parts: readonly ContentPart[]): number {
  return parts.reduce((sum, part) => sum + (part.kind === 'bytes' ? part.bytes.length : part.size), 0);
}

/** Adds a piece at the end; neighbouring bytes become one piece, so that how they were written does not matter. */
export function appendPart(parts: readonly ContentPart[], part: ContentPart): ContentPart[] {
  const last = parts.at(-1);
  if (part.kind === 'bytes' && part.bytes.length === 0) return [...parts];
  if (last?.kind === 'bytes' && part.kind === 'bytes')
    return [...parts.slice(0, -1), { kind: 'bytes', bytes: Buffer.concat([last.bytes, part.bytes]) }];
  return [...parts, part];
}

/** What identifies a content: digests of its pieces, the same for a file of this machine and for its bytes. */
export function partsIdentity(parts: readonly ContentPart[]): unknown[] {
  const identities = parts.map((part) => {
    if (part.kind === 'base') return { base: part.path };
    const sha256 =
      part.kind === 'local' ? part.sha256 : createHash('sha256').update(part.bytes).digest('hex');
    return { sha256 };
  });
  return identities.length === 0 ? [{ sha256: createHash('sha256').digest('hex') }] : identities;
}

/** The bytes of a content, in order. */
export async function* readParts(
  parts: readonly ContentPart[],
  base: ReadableFileSystem | undefined,
): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part.kind === 'bytes') yield part.bytes;
    else if (part.kind === 'local') yield* createReadStream(part.source) as AsyncIterable<Buffer>;
    else if (base !== undefined) yield* base.readStream(part.path) as AsyncIterable<Buffer>;
  }
}
