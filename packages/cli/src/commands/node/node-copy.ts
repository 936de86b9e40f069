import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connectNode } from '@turingpi/provisioning';
import { downloadDirectory, RuntimeError, type SshSession } from '@turingpi/runtime';
import { openBoards } from '../../cluster/open-boards.js';
import { type CopyEnds, type CopyOrder, parseCopyOrder } from '../../node/copy-operand.js';
import { declaredPassword } from '../../node/declared-password.js';
import { namedNodes } from '../../node/named-nodes.js';
import { reportNodes } from '../../node/node-report.js';
import { exitCodeOfNodes, onEachNode } from '../../node/on-each-node.js';
import { onInterruption } from '../../process/interruption.js';
import { remark } from '../../process/remark.js';
import type { Terminal } from '../../process/terminal.js';
import { printable } from '../../render/printable.js';
import type { NodeCommandOptions } from './node-command-options.js';

export interface NodeCopyOptions extends NodeCommandOptions {
  readonly sudo?: boolean;
  /** `user:group` of what is put onto nodes. */
  readonly owner?: string;
}

/** Read as root, a file is in memory for a moment. */
const LARGEST_AS_ROOT_BYTES = 256 << 20;

/** How files are copied on one node. */
interface Copying extends NodeCopyOptions {
  readonly signal: AbortSignal;
}

/** `turingpi node copy FROM TO`: puts a file or a folder onto nodes, or fetches one from them. */
export async function nodeCopy(
  ends: CopyEnds,
  options: NodeCopyOptions,
  terminal: Terminal,
): Promise<number> {
  const asked = parseCopyOrder(ends);
  const order: CopyOrder = { ...asked, local: path.resolve(terminal.cwd, asked.local) };
  const isFolder = order.way === 'up' && (await isLocalFolder(order.local));
  using interruption = onInterruption(() => remark(terminal, 'stopping'));
  const { signal } = interruption;
  await using opened = await openBoards(options.config, terminal, { debug: options.verbose === true });
  const named = namedNodes(opened, order.nodes);
  const how: Copying = { ...options, signal };
  const outcomes = await onEachNode(named, (one) =>
    one.cluster.visit(
      one.node.id,
      async (context) => {
        await using session = await connectNode(context, await declaredPassword(opened, one, terminal));
        if (order.way === 'up') return await put(session, order, { isFolder, ...how });
        // From several nodes it comes into a folder for each.
        const local = named.length === 1 ? order.local : path.join(order.local, one.node.hostname);
        return await fetch(session, order.remote, local, how);
      },
      interruption,
    ),
  );
  reportNodes(outcomes, terminal, {
    json: options.json === true,
    redact: (_, text) => text,
    words: (target) => `ok: ${printable(target)}`,
    data: (target) => ({ path: target }),
  });
  return exitCodeOfNodes(outcomes, signal);
}

/** @returns where it is on the node */
async function put(
  session: SshSession,
  { local, remote }: CopyOrder,
  { isFolder, signal, sudo = false, owner }: Copying & { readonly isFolder: boolean },
): Promise<string> {
  const options = { signal, sudo, ...(owner === undefined ? {} : { owner }) };
  if (isFolder) {
    await session.copyDirectory(local, remote, options);
    return remote;
  }
  const intoFolder = remote.endsWith('/') || (await isRemoteFolder(session, remote, options));
  const target = intoFolder ? `${remote.replace(/\/+$/, '')}/${path.basename(local)}` : remote;
  const { mode } = await stat(local);
  await session.upload(local, target, {
    ...options,
    mode: process.platform === 'win32' ? 0o644 : mode & 0o777,
  });
  return target;
}

/** @returns where it is here */
async function fetch(
  session: SshSession,
  remote: string,
  local: string,
  { signal, sudo = false }: Copying,
): Promise<string> {
  const target = (await isLocalFolder(local).catch(() => false))
    ? path.join(local, path.posix.basename(remote) || 'root')
    : local;
  try {
    await mkdir(path.dirname(target), { recursive: true });
  } catch (cause) {
    throw new RuntimeError('LOCAL_FILE_UNWRITABLE', `The folder of ${target} cannot be made.`, { cause });
  }
  const as = { signal, sudo };
  if (await isRemoteFolder(session, remote, as)) await downloadDirectory(session, remote, target, as);
  else if (sudo)
    await writeNew(target, await session.readFile(remote, { ...as, maxBytes: LARGEST_AS_ROOT_BYTES }));
  else await session.download(remote, target, { signal });
  return target;
}

async function isRemoteFolder(
  session: SshSession,
  remote: string,
  { signal, sudo }: { readonly signal: AbortSignal; readonly sudo: boolean },
): Promise<boolean> {
  const { exitCode } = await session.exec(['test', '-d', remote], { signal, sudo, allowFailure: true });
  return exitCode === 0;
}

async function isLocalFolder(local: string): Promise<boolean> {
  try {
    return (await stat(local)).isDirectory();
  } catch (cause) {
    throw new RuntimeError('LOCAL_FILE_UNREADABLE', `${local} cannot be read.`, { cause });
  }
}

/** What only root may read there is for nobody else's eyes here. */
async function writeNew(target: string, content: Buffer): Promise<void> {
  try {
    await writeFile(target, content, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new RuntimeError('LOCAL_FILE_UNWRITABLE', `The local file ${target} cannot be created.`, { cause });
  }
}
