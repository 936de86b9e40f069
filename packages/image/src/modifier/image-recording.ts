import { createHash } from 'node:crypto';
import type { ImageOperation } from './image-operation.js';
import type { RecordedPartition } from './recorded-partition.js';

/** What a callback asked for: the operations in order, and the digest of their effect. */
export interface ImageRecording {
  readonly operations: readonly ImageOperation[];
  /**
   * SHA-256, hex, of the difference that the operations make: equal for equal effect whatever the order of unrelated
   * operations, different for any changed byte or attribute. It does not cover the base image.
   */
  readonly digest: string;
  /** Bytes of all contents together. */
  readonly contentBytes: number;
}

/** Sums up what was recorded. */
export function createRecording(
  operations: readonly ImageOperation[],
  partitions: readonly RecordedPartition[],
): ImageRecording {
  const keys = partitions.map(partitionKey);
  const effects = partitions
    .map((partition) => {
      const key = partitionKey(partition);
      const isUnique = keys.indexOf(key) === keys.lastIndexOf(key);
      return {
        partition: isUnique ? key : [key, String(partition.selector)],
        changes: partition.fileSystem.changes(),
      };
    })
    .filter(({ changes }) => changes.length > 0)
    .map((effect) => JSON.stringify(effect, sortedKeys))
    .sort();
  const digest = createHash('sha256').update(JSON.stringify(effects)).digest('hex');
  const contentBytes = operations.reduce((sum, operation) => {
    if (!('content' in operation)) return sum;
    const { content } = operation;
    return sum + (content.kind === 'bytes' ? content.bytes.length : content.size);
  }, 0);
  return { operations, digest, contentBytes };
}

/** What a partition is, however it was named; without an image only the name tells. */
function partitionKey({ selector, fileSystem: { kind, uuid, label } }: RecordedPartition): string {
  return uuid === undefined ? String(selector) : `${kind} ${uuid} ${label}`;
}

/** Makes JSON independent of the order in which properties were set. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
