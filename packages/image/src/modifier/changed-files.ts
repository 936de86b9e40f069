import { createHash } from 'node:crypto';
import type { ImageOperation } from './image-operation.js';
import type { ImageRecording } from './image-recording.js';

/** A path in an image that two recordings treat differently. */
export interface ChangedFile {
  /** Absolute; with the partition before it where that was named, as in `boot:/config.txt`. */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
}

/**
 * Which paths two recordings treat differently, in the order of the paths: what is told of them, not what they come to.
 *
 * @param before - undefined: nothing was done then
 */
export function changedFiles(
  before: ImageRecording | undefined,
  after: ImageRecording | undefined,
): readonly ChangedFile[] {
  const [then, now] = [digestsByPath(before), digestsByPath(after)];
  return [...new Set([...then.keys(), ...now.keys()])]
    .sort()
    .filter((path) => then.get(path) !== now.get(path))
    .map((path) => ({
      path,
      change: !then.has(path) ? 'added' : !now.has(path) ? 'removed' : 'changed',
    }));
}

/** Everything that is done to a path, in order, as a digest. */
function digestsByPath(recording: ImageRecording | undefined): ReadonlyMap<string, string> {
  const hashes = new Map<string, ReturnType<typeof createHash>>();
  for (const operation of recording?.operations ?? []) {
    const { partition, path } = operation;
    const name = partition === 'root' ? path : `${partition}:${path}`;
    const hash = hashes.get(name) ?? createHash('sha256');
    hashes.set(name, hash.update(identityOf(operation)).update('\n'));
  }
  return new Map([...hashes].map(([path, hash]) => [path, hash.digest('hex')]));
}

function identityOf(operation: ImageOperation): string {
  if (!('content' in operation)) return JSON.stringify(operation);
  const { content, ...rest } = operation;
  const sha256 =
    content.kind === 'local' ? content.sha256 : createHash('sha256').update(content.bytes).digest('hex');
  return JSON.stringify({ ...rest, sha256 });
}
