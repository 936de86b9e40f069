import { z } from 'zod';
import { fileMode } from '../workflow/file-mode.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment, ActionInputEnvironment, PostInstallAction } from './post-install-action.js';

export interface WriteInput {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Default 0644. */
  readonly mode?: number | undefined;
}

/** Writes a file on the node. */
export class WriteAction implements PostInstallAction<WriteInput> {
  readonly id = 'write';
  readonly title = 'writes a file on the node';
  readonly place = 'node';
  readonly schema = z.strictObject({ path: nodePath, content: z.string(), mode: fileMode.optional() });
  readonly method = {
    name: 'remote.writeFile',
    input: (
      path: string,
      content: string | Uint8Array,
      { mode }: { readonly mode?: number } = {},
    ): WriteInput => ({ path, content, mode }),
  } as const;

  note({ path }: WriteInput): string {
    return path;
  }

  async inputs({ path, content, mode = 0o644 }: WriteInput, { digest }: ActionInputEnvironment) {
    return { path, mode, content: await digest(content) };
  }

  async perform(
    { path, content, mode = 0o644 }: WriteInput,
    { signal, session }: ActionEnvironment,
  ): Promise<true> {
    const node = await session();
    await node.writeFile(path, content, { signal, mode, sudo: true });
    return true;
  }
}
