import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { resolvePath } from '@turingpi/core/plugin';
import type { SshSession } from '@turingpi/runtime';
import { z } from 'zod';
import { ProvisioningError } from '../provisioning-error.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment, PostInstallAction } from './post-install-action.js';

export interface FetchInput {
  /** Files and folders of the node. */
  readonly paths: readonly string[];
  /** A folder of this computer. */
  readonly to: string;
}

/** What one path may hold, in bytes: it is in memory for a moment. */
const MOST_BYTES = 256 << 20;
const TEN_MINUTES_MS = 600_000;

const unpacked = promisify(gunzip);

/** Prints what a path is, then a packed folder as text, which every shell can carry. */
const PACK = 'if [ -d "$1" ]; then tar -C "$1" -czf - . | base64; else echo file; fi';

/** Copies files and folders of the node to this computer, below a folder with the node's host name. */
export class FetchAction implements PostInstallAction<FetchInput> {
  readonly id = 'fetch';
  readonly title = 'copies files of the node to this computer';
  readonly place = 'node';
  readonly schema = z.strictObject({ paths: z.array(nodePath).min(1), to: z.string().min(1) });

  note({ paths }: FetchInput): string {
    return paths.join(' ');
  }

  inputs({ paths, to }: FetchInput) {
    return { paths: [...paths], to };
  }

  /** @throws ProvisioningError `LOCAL_FILE_UNWRITABLE`, `FOLDER_UNREADABLE`; RuntimeError `SSH_FILE_NOT_FOUND`. */
  async perform(
    { paths, to }: FetchInput,
    { node, baseDir, signal, session }: ActionEnvironment,
  ): Promise<readonly string[]> {
    const remote = await session();
    const folder = path.join(resolvePath(baseDir, to), node.hostname);
    const fetched: string[] = [];
    for (const name of paths) {
      const packed = await packedFolder(remote, name, signal);
      const content = packed ?? (await remote.readFile(name, { signal, sudo: true, maxBytes: MOST_BYTES }));
      // Of a path of the node nothing but its names is taken: it stays below the folder.
      const below = path.posix.normalize(`/${name}`).slice(1) || 'root';
      const target = path.join(folder, packed === undefined ? below : `${below}.tar.gz`);
      await put(target, content);
      fetched.push(target);
    }
    return fetched;
  }
}

/** Undefined for what is no folder. */
async function packedFolder(
  remote: SshSession,
  name: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const limits = { maxOutputBytes: 2 * MOST_BYTES, timeoutMs: TEN_MINUTES_MS };
  const { stdout } = await remote.exec(['sh', '-c', PACK, 'sh', name], { signal, sudo: true, ...limits });
  if (stdout.trim() === 'file') return undefined;
  const packed = Buffer.from(stdout, 'base64');
  // The end of a pipe does not tell how its beginning ended.
  const isWhole =
    packed.length > 0 &&
    (await unpacked(packed).then(
      () => true,
      () => false,
    ));
  if (isWhole) return packed;
  throw new ProvisioningError(
    'FOLDER_UNREADABLE',
    `the folder ${name} cannot be fetched from ${remote.place}`,
    {
      hint: 'Are tar, gzip and base64 there? Up to 256 MiB are fetched of one folder.',
    },
  );
}

/** All of it or nothing; it may hold secrets of the node. */
async function put(target: string, content: Buffer): Promise<void> {
  const temporary = `${target}.part`;
  try {
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(temporary, content, { mode: 0o600 });
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new ProvisioningError('LOCAL_FILE_UNWRITABLE', `cannot write ${target}`, {
      cause,
      hint: 'Is the folder there, and may this user write in it? Nothing on the node was changed.',
    });
  }
}
