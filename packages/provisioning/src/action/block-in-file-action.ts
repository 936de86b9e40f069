import { z } from 'zod';
import { blockInText, type BlockEdit } from '../file-edit/block-in-text.js';
import { editedFile } from '../node-file/edit-node-file.js';
import { LookingAction, type PendingChange } from './looking-action.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment, ActionInputEnvironment } from './post-install-action.js';

export interface BlockInFileInput extends BlockEdit {
  readonly path: string;
  /** Make a file that is missing. Default: it is an error. */
  readonly create?: boolean | undefined;
}

/** Keeps lines between two marks in a file of the node; the rest of it, its mode and owner stay. */
export class BlockInFileAction extends LookingAction<BlockInFileInput> {
  readonly id = 'blockInFile';
  readonly title = 'keeps a block of lines in a file';
  readonly schema = z.strictObject({
    path: nodePath,
    name: z.string().regex(/^[\w.-]+$/, 'expected a name of letters, digits, dots and hyphens'),
    block: z.string(),
    comment: z
      .string()
      .regex(/^[^\s\w]{1,3}$/, 'expected what begins a comment, for example # or //')
      .optional(),
    create: z.boolean().optional(),
  });

  note({ path, name }: BlockInFileInput): string {
    return `${path} ${name}`;
  }

  async inputs({ path, name, block, comment, create }: BlockInFileInput, { digest }: ActionInputEnvironment) {
    return { path, name, block: await digest(block), comment, create };
  }

  protected look(
    { path, create, ...block }: BlockInFileInput,
    environment: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    return editedFile({ path, create, edit: (text) => blockInText(text, block) }, environment);
  }
}
