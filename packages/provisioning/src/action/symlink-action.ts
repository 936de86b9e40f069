import { z } from 'zod';
import { lookAtPath } from '../node-file/node-file.js';
import { ProvisioningError } from '../provisioning-error.js';
import { LookingAction, type PendingChange } from './looking-action.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment } from './post-install-action.js';

export interface SymlinkInput {
  /** Where the link is. */
  readonly path: string;
  /** Where it leads, as it is written there. */
  readonly target: string;
  /** Replaces a file that is at its place. Default: it is an error; another link is always replaced. */
  readonly force?: boolean | undefined;
}

const MAKE = 'mkdir -p -- "$(dirname -- "$2")" && ln -sfn -- "$1" "$2"';

/** Makes a symbolic link on the node. */
export class SymlinkAction extends LookingAction<SymlinkInput> {
  readonly id = 'symlink';
  readonly title = 'makes a symbolic link on the node';
  readonly schema = z.strictObject({
    path: nodePath,
    target: z.string().min(1),
    force: z.boolean().optional(),
  });

  note({ path, target }: SymlinkInput): string {
    return `${path} → ${target}`;
  }

  inputs({ path, target, force }: SymlinkInput) {
    return { path, target, force };
  }

  protected async look(
    { path, target, force = false }: SymlinkInput,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const found = await lookAtPath(node, path, { signal });
    if (found?.type === 'symlink' && found.target === target) return undefined;
    const isFree = found === undefined || found.type === 'symlink' || (force && found.type !== 'directory');
    if (!isFree)
      throw new ProvisioningError('NODE_PATH_TAKEN', `${path} on ${node.place} is a ${found.type}, no link`, {
        hint: 'Remove it first, or give `force: true` to have a file replaced; a directory never is.',
      });
    return {
      diff: `${found?.target === undefined ? '' : `- ${path} → ${found.target}\n`}+ ${path} → ${target}`,
      make: async () => {
        await node.exec(['sh', '-c', MAKE, 'sh', target, path], { signal, sudo: true });
      },
    };
  }
}
