import { createHash } from 'node:crypto';
import type { ImageOperation } from './image-operation.js';
import type { ImageRecording } from './image-recording.js';
import type { BytesPart, LocalPart } from './recorded-content.js';

/** A recording as JSON: contents are named by their digest, and kept by whoever keeps the record. */
export interface RecordingRecord {
  readonly operations: readonly OperationRecord[];
  /** As in the recording. */
  readonly digest: string;
  readonly contentBytes: number;
}

type Recorded<T> = T extends { readonly content: unknown }
  ? Omit<T, 'content' | 'attributes'> & {
      readonly content: ContentRecord;
      readonly attributes: AttributesRecord;
    }
  : T extends { readonly attributes: unknown }
    ? Omit<T, 'attributes'> & { readonly attributes: AttributesRecord }
    : T;
type OperationRecord = Recorded<ImageOperation>;
/** Bytes, by their SHA-256, hex; or a file of this machine. */
type ContentRecord = { readonly kind: 'bytes'; readonly sha256: string } | LocalPart;
interface AttributesRecord {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** ISO 8601. */
  readonly mtime?: string;
}

/**
 * Describes a recording as JSON.
 *
 * @param keep - is given every content that is in memory, once by its SHA-256, hex
 */
export async function describeRecording(
  recording: ImageRecording,
  keep: (sha256: string, bytes: Uint8Array) => Promise<void>,
): Promise<RecordingRecord> {
  const operations: OperationRecord[] = [];
  const kept = new Set<string>();
  for (const operation of recording.operations) {
    if (!('content' in operation)) {
      operations.push(JSON.parse(JSON.stringify(operation)) as OperationRecord);
      continue;
    }
    const { content, ...rest } = operation;
    const plain = JSON.parse(JSON.stringify(rest)) as Omit<OperationRecord, 'content'>;
    if (content.kind === 'local') {
      operations.push({ ...plain, content } as OperationRecord);
      continue;
    }
    const sha256 = digestOf(content.bytes);
    if (!kept.has(sha256)) await keep(sha256, content.bytes);
    kept.add(sha256);
    operations.push({ ...plain, content: { kind: 'bytes', sha256 } } as OperationRecord);
  }
  return { operations, digest: recording.digest, contentBytes: recording.contentBytes };
}

/**
 * Makes a recording of its description.
 *
 * @param read - the bytes that were kept under a digest; undefined when they are gone
 * @returns Undefined when a content is gone, or is not what it was.
 */
export async function restoreRecording(
  record: RecordingRecord,
  read: (sha256: string) => Promise<Buffer | undefined>,
): Promise<ImageRecording | undefined> {
  const operations: ImageOperation[] = [];
  for (const operation of record.operations) {
    const attributes = 'attributes' in operation ? { attributes: restored(operation.attributes) } : {};
    if (!('content' in operation)) {
      operations.push({ ...operation, ...attributes } as ImageOperation);
      continue;
    }
    const content = await contentOf(operation.content, read);
    if (content === undefined) return undefined;
    operations.push({ ...operation, ...attributes, content } as ImageOperation);
  }
  return { operations, digest: record.digest, contentBytes: record.contentBytes };
}

async function contentOf(
  content: ContentRecord,
  read: (sha256: string) => Promise<Buffer | undefined>,
): Promise<BytesPart | LocalPart | undefined> {
  if (content.kind === 'local') return content;
  const bytes = await read(content.sha256);
  return bytes !== undefined && digestOf(bytes) === content.sha256 ? { kind: 'bytes', bytes } : undefined;
}

function restored({ mtime, ...attributes }: AttributesRecord): object {
  return { ...attributes, ...(mtime !== undefined && { mtime: new Date(mtime) }) };
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
