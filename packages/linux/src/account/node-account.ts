import type { SshSession } from '@turingpi/runtime';
import { LinuxError } from '../linux-error.js';

const NOT_FOUND = 2;

/**
 * The fields of an entry in a database of a node, in the order of its file; undefined when there is none.
 *
 * @throws LinuxError `ACCOUNTS_UNREADABLE` when the node does not tell.
 */
export async function entryOf(
  node: SshSession,
  database: 'passwd' | 'group',
  name: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const options = { signal, sudo: true, allowFailure: true };
  const { exitCode, stdout, stderr } = await node.exec(['getent', database, name], options);
  const fields = stdout.trim().split(':');
  if (exitCode === 0 && fields[0] === name) return fields;
  if (exitCode === NOT_FOUND) return undefined;
  throw new LinuxError(
    'ACCOUNTS_UNREADABLE',
    `${node.place} does not tell whether ${name} is in its ${database}`,
    {
      hint: `getent ended with ${exitCode}: ${stderr.trim().slice(0, 200)}`,
    },
  );
}

/** An account of a node. */
export interface NodeAccount {
  readonly uid: string;
  readonly gid: string;
  readonly home: string;
  readonly shell: string;
  /** Names, the first one included. */
  readonly groups: readonly string[];
}

/** @returns Undefined when there is no such account. */
export async function accountOf(
  node: SshSession,
  name: string,
  signal: AbortSignal,
): Promise<NodeAccount | undefined> {
  const fields = await entryOf(node, 'passwd', name, signal);
  if (fields === undefined) return undefined;
  const [, , uid = '', gid = '', , home = '', shell = ''] = fields;
  const { stdout } = await node.exec(['id', '-nG', name], { signal, sudo: true });
  return { uid, gid, home, shell, groups: stdout.trim().split(/\s+/) };
}
