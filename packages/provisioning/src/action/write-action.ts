import { z } from 'zod';
import { fileChange } from '../node-file/file-change.js';
import { lookAtPath, resolvedPath } from '../node-file/node-file.js';
import { fileMode } from '../workflow/file-mode.js';
import { LookingAction, type PendingChange } from './looking-action.js';
import { fileOwner } from './file-owner.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment, ActionInputEnvironment } from './post-install-action.js';

/** How a file is written. */
export interface WriteOptions {
  /** Default 0644. */
  readonly mode?: number | undefined;
  /** `user:group`, by name or number. Default `root:root`. */
  readonly owner?: string | undefined;
}

export interface WriteInput extends WriteOptions {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** What is not given of mode and owner stays as it is on a file that is there, and so does a link to it. */
  readonly keep?: boolean | undefined;
}

/** Writes a file on the node, unless it is there as it is to be. */
export class WriteAction extends LookingAction<WriteInput> {
  readonly id = 'write';
  readonly title = 'writes a file on the node';
  readonly schema = z.strictObject({
    path: nodePath,
    content: z.string(),
    mode: fileMode.optional(),
    owner: fileOwner.optional(),
  });
  readonly method = {
    name: 'remote.writeFile',
    input: (path: string, content: string | Uint8Array, options: WriteOptions = {}): WriteInput => ({
      path,
      content,
      mode: options.mode,
      owner: options.owner,
    }),
  } as const;

  note({ path }: WriteInput): string {
    return path;
  }

  async inputs({ path, content, mode = 0o644, owner }: WriteInput, { digest }: ActionInputEnvironment) {
    return { path, mode, content: await digest(content), ...(owner !== undefined && { owner }) };
  }

  protected async look(
    { path, content, mode, owner, keep = false }: WriteInput,
    { signal, session }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const real = keep ? await resolvedPath(node, path, signal) : path;
    const found = keep ? await lookAtPath(node, real, { signal }) : undefined;
    const wanted = { mode: mode ?? found?.mode ?? 0o644, owner: owner ?? found?.ownerIds ?? 'root:root' };
    return fileChange(node, { path: real, content, ...wanted }, signal);
  }
}
