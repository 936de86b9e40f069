import type { SshSession } from '@turingpi/runtime';
import { ProvisioningError } from '../provisioning-error.js';

/** What is at a path of a node. */
export interface NodeFile {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** Permission bits. */
  readonly mode: number;
  /** `user:group`, by name. */
  readonly owner: string;
  /** The same by number. */
  readonly ownerIds: string;
  /** Bytes. */
  readonly size: number;
  /** Where a symbolic link leads, as it is written there. */
  readonly target?: string;
}

const TYPES: Readonly<Record<string, NodeFile['type']>> = {
  'regular file': 'file',
  'regular empty file': 'file',
  directory: 'directory',
  'symbolic link': 'symlink',
};

/** Prints nothing for what is not there; the target of a link comes last, since it may hold anything. */
const LOOK = [
  'LC_ALL=C; export LC_ALL; if [ -e "$1" ] || [ -L "$1" ]; then',
  `stat -c '%F|%a|%U:%G|%u:%g|%s' -- "$1" && if [ -L "$1" ]; then readlink -- "$1"; fi; fi`,
].join(' ');

interface Looking {
  readonly signal: AbortSignal;
}

/**
 * Looks at a path of a node as root; a symbolic link is one.
 *
 * @returns Undefined when nothing is there.
 * @throws ProvisioningError `NODE_FILE_UNREADABLE` when the node does not tell.
 */
export async function lookAtPath(
  node: SshSession,
  path: string,
  { signal }: Looking,
): Promise<NodeFile | undefined> {
  const { stdout } = await node.exec(['sh', '-c', LOOK, 'sh', path], { signal, sudo: true });
  if (stdout.trim() === '') return undefined;
  const [line = '', ...rest] = stdout.split('\n');
  const [type = '', mode = '', owner = '', ownerIds = '', size = ''] = line.split('|');
  if (!/^[0-7]{1,5}$/.test(mode) || !/^\d+$/.test(size))
    throw new ProvisioningError('NODE_FILE_UNREADABLE', `${node.place} does not tell what ${path} is`, {
      hint: 'It is asked with `stat -c`, of GNU coreutils or busybox.',
    });
  return {
    type: TYPES[type] ?? 'other',
    mode: Number.parseInt(mode, 8),
    ...{ owner, ownerIds, size: Number(size) },
    ...(type === 'symbolic link' && { target: rest.join('\n').replace(/\n$/, '') }),
  };
}

/** The path of the file itself, behind whatever links lead to it. */
export async function resolvedPath(node: SshSession, path: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await node.exec(['readlink', '-f', '--', path], {
    signal,
    sudo: true,
    allowFailure: true,
  });
  const found = stdout.replace(/\n$/, '');
  return found.startsWith('/') ? found : path;
}

/** Whether a file has an owner, which was given by names or numbers, with or without a group. */
export function isOwnedBy({ owner, ownerIds }: NodeFile, wanted: string): boolean {
  const [user = '', group = ''] = wanted.split(':');
  const [names, numbers] = [owner.split(':'), ownerIds.split(':')];
  const has = (given: string, at: 0 | 1) => given === '' || given === names[at] || given === numbers[at];
  return has(user, 0) && has(group, 1);
}

/** Whether everybody on the node may read it: only then it is shown. */
export function isPublic({ mode }: Pick<NodeFile, 'mode'>): boolean {
  return (mode & 0o004) !== 0;
}
