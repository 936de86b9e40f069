import { createHash } from 'node:crypto';
import type { SshSession } from '@turingpi/runtime';
import type { PendingChange } from '../action/looking-action.js';
import { isOwnedBy, isPublic, lookAtPath, type NodeFile } from './node-file.js';
import { textDiff } from './text-diff.js';

/** A file as it is to be on a node. */
export interface WantedFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  /** `user:group`, by name or number. */
  readonly owner: string;
}

/** Larger files are compared by their digests, and no diff is made of them. */
const READ_BYTES = 1024 * 1024;
const TEN_MINUTES_MS = 600_000;

/**
 * Compares a file of a node with what it is to be.
 *
 * @returns What has to be done; undefined when content, mode and owner are so already.
 * @throws ProvisioningError `NODE_FILE_UNREADABLE`; RuntimeError of the files.
 */
export async function fileChange(
  node: SshSession,
  { path, content, mode, owner }: WantedFile,
  signal: AbortSignal,
): Promise<PendingChange | undefined> {
  const wanted = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  const found = await lookAtPath(node, path, { signal });
  const is = await compared(node, path, found, wanted, signal);
  if (is.same && found?.mode === mode && isOwnedBy(found, owner)) return undefined;
  // What the first file hides, and what the second one would hide, is nobody's to see.
  const isShown = isPublic({ mode }) && (found === undefined || isPublic(found)) && is.isKnown;
  return {
    diff:
      is.same || !isShown || wanted.length > READ_BYTES
        ? undefined
        : await textDiff(path, is.content, wanted),
    make: () => node.writeFile(path, content, { signal, mode, owner, sudo: true }),
  };
}

interface Compared {
  readonly same: boolean;
  /** Whether the content is known, or that there is none. */
  readonly isKnown: boolean;
  readonly content?: Buffer;
}

async function compared(
  node: SshSession,
  path: string,
  found: NodeFile | undefined,
  wanted: Buffer,
  signal: AbortSignal,
): Promise<Compared> {
  if (found === undefined) return { same: false, isKnown: true };
  if (found.type !== 'file') return { same: false, isKnown: false };
  if (found.size <= READ_BYTES) {
    const content = await node.readFile(path, { signal, sudo: true });
    return { same: content.equals(wanted), isKnown: true, content };
  }
  const same = found.size === wanted.length && (await sha256Of(node, path, signal)) === digestOf(wanted);
  return { same, isKnown: false };
}

/** The digest of a file's content, hex, as the node tells it; undefined when it does not. */
export async function sha256Of(
  node: SshSession,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const options = { signal, sudo: true, allowFailure: true, timeoutMs: TEN_MINUTES_MS };
  const { stdout } = await node.exec(['sha256sum', '--', path], options);
  return /^\\?([0-9a-f]{64}) /.exec(stdout)?.[1];
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
