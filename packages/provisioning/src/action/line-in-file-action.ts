import { z } from 'zod';
import { lineInText, type LineEdit } from '../file-edit/line-in-text.js';
import { editedFile } from '../node-file/edit-node-file.js';
import { LookingAction, type PendingChange } from './looking-action.js';
import { nodePath } from './node-path.js';
import { pattern } from './pattern.js';
import type { ActionEnvironment, ActionInputEnvironment } from './post-install-action.js';

export interface LineInFileInput extends LineEdit {
  readonly path: string;
  /** Make a file that is missing. Default: it is an error. */
  readonly create?: boolean | undefined;
}

/** Makes sure that a file of the node has a line, or has it no more; its mode and owner stay. */
export class LineInFileAction extends LookingAction<LineInFileInput> {
  readonly id = 'lineInFile';
  readonly title = 'makes sure that a file has a line';
  readonly schema = z.strictObject({
    path: nodePath,
    line: z.string().regex(/^[^\r\n]+$/, 'expected the text of one line'),
    match: pattern.optional(),
    after: pattern.optional(),
    absent: z.boolean().optional(),
    create: z.boolean().optional(),
  });

  note({ path }: LineInFileInput): string {
    return path;
  }

  async inputs(
    { path, line, match, after, absent, create }: LineInFileInput,
    { digest }: ActionInputEnvironment,
  ) {
    return { path, line: await digest(line), match, after, absent, create };
  }

  protected look(
    { path, create, ...line }: LineInFileInput,
    environment: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    return editedFile({ path, create, edit: (text) => lineInText(text, line) }, environment);
  }
}
