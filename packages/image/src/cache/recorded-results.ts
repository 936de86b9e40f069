import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { isRunning } from '@turingpi/foundation';

/** What the state file says of the cache. */
export interface RecordedResults {
  /** Digest (hex) by absolute path of every image that a completed phase made; undefined when it is not recorded. */
  readonly digests: ReadonlyMap<string, string | undefined>;
  /** A phase is being run, by a process that may be alive. */
  readonly running: boolean;
  /** There is a file, and it cannot be understood: every image may be one that it counts on. */
  readonly unreadable: boolean;
}

/**
 * Reads what a state file (docs/phases.md, "The state file") says of images. It is only read: what is wrong with it,
 * the next run says.
 */
export async function readRecordedResults(stateFile: string): Promise<RecordedResults> {
  let text: string;
  try {
    text = await readFile(stateFile, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { digests: new Map(), running: false, unreadable: !missing };
  }
  try {
    return parse(JSON.parse(text), dirname(stateFile));
  } catch {
    return { digests: new Map(), running: false, unreadable: true };
  }
}

/** @param directory - where relative paths start: that of the state file */
function parse(state: unknown, directory: string): RecordedResults {
  const digests = new Map<string, string | undefined>();
  let running = false;
  for (const node of Object.values(fieldsOf(state)))
    for (const phase of Object.values(fieldsOf(node))) {
      const { status, owner, output_image_path: path, output_sha256: sha256 } = fieldsOf(phase);
      if (typeof path === 'string')
        digests.set(resolve(directory, path), typeof sha256 === 'string' ? sha256 : undefined);
      if (status === 'running' && mayBeAlive(fieldsOf(owner))) running = true;
    }
  return { digests, running, unreadable: false };
}

function mayBeAlive({ pid, host }: Readonly<Record<string, unknown>>): boolean {
  return host !== hostname() || typeof pid !== 'number' || isRunning(pid);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
