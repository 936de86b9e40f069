import path from 'node:path';
import { z } from 'zod';
import { lookAtPath } from '../node-file/node-file.js';
import { LookingAction, type PendingChange } from './looking-action.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment } from './post-install-action.js';

export interface RemoveOptions {
  /** Directories with all that is in them. Default: a directory must be empty. */
  readonly recursive?: boolean | undefined;
}

export interface RemoveInput extends RemoveOptions {
  readonly paths: readonly string[];
}

/** A slip must not take the system with it: these, and whatever else lies directly below `/`, are never removed. */
function isKept(file: string): boolean {
  return /^\/[^/]*$/.test(path.posix.normalize(`${file}/`).replace(/\/+$/, '') || '/');
}

const removable = nodePath.refine((file) => !isKept(file), 'is never removed: it lies directly below /');

/** Removes files and directories of the node. */
export class RemoveAction extends LookingAction<RemoveInput> {
  readonly id = 'remove';
  readonly title = 'removes files of the node';
  readonly schema = z
    .union(
      [removable, z.array(removable).min(1)],
      'expected an absolute path below a directory, or a list of them',
    )
    .transform((given): RemoveInput => ({ paths: typeof given === 'string' ? [given] : given }));
  readonly options = { recursive: z.boolean().optional() };

  note({ paths }: RemoveInput): string {
    return paths.join(' ');
  }

  inputs({ paths, recursive }: RemoveInput) {
    return { paths: [...paths], recursive };
  }

  protected async look(
    { paths, recursive = false }: RemoveInput,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const there: { readonly file: string; readonly command: readonly string[] }[] = [];
    for (const file of paths) {
      const found = await lookAtPath(node, file, { signal });
      if (found === undefined) continue;
      const single = found.type === 'directory' ? ['rmdir'] : ['rm', '-f'];
      there.push({ file, command: [...(recursive ? ['rm', '-rf'] : single), '--', file] });
    }
    if (there.length === 0) return undefined;
    return {
      diff: there.map(({ file }) => `- ${file}`).join('\n'),
      make: async () => {
        for (const { command } of there) await node.exec(command, { signal, sudo: true });
      },
    };
  }
}
