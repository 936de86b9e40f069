import { readFile } from 'node:fs/promises';
import { localPath, resolvePath } from '@turingpi/core/plugin';
import { z } from 'zod';
import { fileChange } from '../node-file/file-change.js';
import { ProvisioningError } from '../provisioning-error.js';
import { renderTemplate, type TemplateValues } from '../template/render-template.js';
import { fileMode } from '../workflow/file-mode.js';
import { fileOwner } from './file-owner.js';
import { LookingAction, type PendingChange } from './looking-action.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment, ActionInputEnvironment } from './post-install-action.js';

export interface TemplateInput {
  /** A file of this computer, in the Liquid language. */
  readonly source: string;
  /** On the node. */
  readonly path: string;
  /** What its names stand for; `node` has `id`, `hostname` and `ipAddress` besides. */
  readonly values?: TemplateValues | undefined;
  /** Default 0644. */
  readonly mode?: number | undefined;
  /** Default `root:root`. */
  readonly owner?: string | undefined;
}

/** Writes a file on the node that is made from a template. */
export class TemplateAction extends LookingAction<TemplateInput> {
  readonly id = 'template';
  readonly title = 'writes a file that is made from a template';
  readonly schema = z.strictObject({
    source: localPath,
    path: nodePath,
    values: z.record(z.string(), z.json()).optional(),
    mode: fileMode.optional(),
    owner: fileOwner.optional(),
  });

  localFiles({ source }: TemplateInput) {
    return [{ path: ['source'], file: source }];
  }

  note({ path }: TemplateInput): string {
    return path;
  }

  /**
   * What comes of it decides, and not how.
   *
   * @throws ProvisioningError `LOCAL_FILE_NOT_FOUND`, `TEMPLATE_INVALID`
   */
  async inputs(input: TemplateInput, environment: ActionInputEnvironment) {
    const { path, mode = 0o644, owner } = input;
    const content = await environment.digest(await rendered(input, environment));
    return { path, mode, content, ...(owner !== undefined && { owner }) };
  }

  protected async look(
    input: TemplateInput,
    environment: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const { path, mode = 0o644, owner = 'root:root' } = input;
    const content = await rendered(input, environment);
    return fileChange(await environment.session(), { path, content, mode, owner }, environment.signal);
  }
}

async function rendered(
  { source, values }: TemplateInput,
  { baseDir, node }: ActionInputEnvironment,
): Promise<string> {
  const file = resolvePath(baseDir, source);
  const template = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ProvisioningError('LOCAL_FILE_NOT_FOUND', `the template ${file} cannot be read`, {
      cause,
      hint: `Relative paths start from ${baseDir}.`,
    });
  });
  const { id, hostname, ipAddress } = node;
  return await renderTemplate(template, { ...values, node: { id, hostname, ipAddress } }, file);
}
