import { z } from 'zod';
import { isOwnedBy, lookAtPath, resolvedPath } from '../node-file/node-file.js';
import { ProvisioningError } from '../provisioning-error.js';
import { fileMode } from '../workflow/file-mode.js';
import { fileOwner } from './file-owner.js';
import { LookingAction, type PendingChange } from './looking-action.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment } from './post-install-action.js';

export interface MkdirInput {
  readonly path: string;
  /** Default: 0755 for a new one; one that is there keeps its own. */
  readonly mode?: number | undefined;
  /** `user:group`. Default: root's for a new one; one that is there keeps its own. */
  readonly owner?: string | undefined;
}

const OF_PATH = nodePath.transform((path): MkdirInput => ({ path }));
const MAKE = 'umask 022; mkdir -p -- "$1"';

/** Makes a directory on the node, with those above it. */
export class MkdirAction extends LookingAction<MkdirInput> {
  readonly id = 'mkdir';
  readonly title = 'makes a directory on the node';
  readonly schema = z.union(
    [OF_PATH, z.strictObject({ path: nodePath, mode: fileMode.optional(), owner: fileOwner.optional() })],
    'expected an absolute path on the node, or { path, mode, owner }',
  );

  note({ path }: MkdirInput): string {
    return path;
  }

  inputs({ path, mode, owner }: MkdirInput) {
    return { path, mode, owner };
  }

  protected async look(
    { path, mode, owner }: MkdirInput,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const real = await resolvedPath(node, path, signal); // a link to a directory is one
    const found = await lookAtPath(node, real, { signal });
    if (found !== undefined && found.type !== 'directory')
      throw new ProvisioningError(
        'NODE_PATH_TAKEN',
        `${path} on ${node.place} is a ${found.type}, no directory`,
        {
          hint: 'Remove it first, or take another path.',
        },
      );
    const commands = [
      ...(found === undefined ? [['sh', '-c', MAKE, 'sh', path]] : []),
      ...(owner === undefined || (found && isOwnedBy(found, owner)) ? [] : [['chown', '--', owner, path]]),
      ...(mode === undefined || found?.mode === mode ? [] : [['chmod', '--', mode.toString(8), path]]),
    ];
    if (commands.length === 0) return undefined;
    return {
      make: async () => {
        for (const command of commands) await node.exec(command, { signal, sudo: true });
      },
    };
  }
}
