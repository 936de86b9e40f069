import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { localPath, resolvePath } from '@turingpi/core/plugin';
import { walkLocalTree } from '@turingpi/runtime';
import { z } from 'zod';
import { treeDifference, type WantedEntry } from '../node-file/tree-difference.js';
import { ProvisioningError } from '../provisioning-error.js';
import { digestOf } from './copy-action.js';
import { LookingAction, type PendingChange } from './looking-action.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment, ActionInputEnvironment } from './post-install-action.js';

export interface CopyDirectoryInput {
  /** On this computer. */
  readonly source: string;
  /** On the node. */
  readonly path: string;
}

/** Names that are shown of what differs. */
const MOST_SHOWN = 20;

/** Copies a directory of this computer to the node, as one stream, unless all of it is there already. */
export class CopyDirectoryAction extends LookingAction<CopyDirectoryInput> {
  readonly id = 'copyDirectory';
  readonly title = 'copies a directory of this computer to the node';
  readonly schema = z.strictObject({ source: localPath, path: nodePath });
  readonly method = {
    name: 'local.copyDirectory',
    input: (source: string, path: string): CopyDirectoryInput => ({ source, path }),
  } as const;

  localFiles({ source }: CopyDirectoryInput) {
    return [{ path: ['source'], file: source }];
  }

  note({ path }: CopyDirectoryInput): string {
    return path;
  }

  /** @throws ProvisioningError `LOCAL_FILE_NOT_FOUND`; RuntimeError `LOCAL_FILE_UNREADABLE` */
  async inputs({ source, path }: CopyDirectoryInput, { baseDir, signal }: ActionInputEnvironment) {
    const entries = await entriesOf(resolvePath(baseDir, source), signal);
    return { sha256: createHash('sha256').update(JSON.stringify(entries)).digest('hex'), target: path };
  }

  protected async look(
    { source, path }: CopyDirectoryInput,
    { baseDir, signal, session }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const directory = resolvePath(baseDir, source);
    const wanted = await entriesOf(directory, signal);
    const node = await session();
    const isThere = await node.exec(['test', '-d', path], { signal, sudo: true, allowFailure: true });
    const { missing, other } = await treeDifference(node, path, wanted, '0:0', signal);
    if (isThere.exitCode === 0 && missing.length + other.length === 0) return undefined;
    return {
      diff: shown([...missing.map((name) => `+ ${name}`), ...other.map((name) => `~ ${name}`)]),
      facts: { copied: missing.length + other.length },
      make: () => node.copyDirectory(directory, path, { signal, sudo: true }),
    };
  }
}

async function entriesOf(directory: string, signal: AbortSignal): Promise<readonly WantedEntry[]> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory())
    throw new ProvisioningError(
      'LOCAL_FILE_NOT_FOUND',
      `the directory to copy, ${directory}, does not exist${found ? ' as a directory' : ''}`,
      {
        hint: 'Relative paths start from the folder of the configuration, in code from the working directory.',
      },
    );
  const entries: WantedEntry[] = [];
  for (const { name, localPath: file, kind, mode, target = '' } of walkLocalTree(directory)) {
    signal.throwIfAborted();
    entries.push({ name, kind, mode, content: kind === 'file' ? await digestOf(file, signal) : target });
  }
  return entries;
}

/** A name may hold anything, also what a terminal takes for a command. */
function shown(lines: readonly string[]): string {
  const more = lines.length > MOST_SHOWN ? [`… and ${lines.length - MOST_SHOWN} more`] : [];
  const printable = lines.slice(0, MOST_SHOWN).map((line) => line.replace(/\p{C}/gu, '?'));
  return [...printable, ...more].join('\n');
}
