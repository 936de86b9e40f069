import { readFile } from 'node:fs/promises';
import { localPath, resolvePath, secretSource } from '@turingpi/core/plugin';
import type { SecretSource } from '@turingpi/foundation';
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
  /**
   * What further names stand for, read from where it is when it is needed. It is in the file on the node, for whose mode you
   * care, and nowhere else.
   */
  readonly secrets?: Readonly<Record<string, SecretSource>> | undefined;
  /** Default 0644; with `secrets` 0600. */
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
    secrets: z.record(z.string(), secretSource).optional(),
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
   * @throws ProvisioningError `LOCAL_FILE_NOT_FOUND`, `TEMPLATE_INVALID`, `CREDENTIAL_UNREADABLE`
   */
  async inputs(input: TemplateInput, environment: ActionInputEnvironment) {
    const { path, mode = modeOf(input), owner } = input;
    const content = await environment.digest(await rendered(input, environment));
    return { path, mode, content, ...(owner !== undefined && { owner }) };
  }

  protected async look(
    input: TemplateInput,
    environment: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const { path, mode = modeOf(input), owner = 'root:root' } = input;
    const content = await rendered(input, environment);
    return fileChange(await environment.session(), { path, content, mode, owner }, environment.signal);
  }
}

function modeOf({ secrets }: TemplateInput): number {
  return secrets === undefined ? 0o644 : 0o600;
}

async function rendered(
  { source, values, secrets = {} }: TemplateInput,
  { baseDir, node, secret }: ActionInputEnvironment,
): Promise<string> {
  const file = resolvePath(baseDir, source);
  const template = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ProvisioningError('LOCAL_FILE_NOT_FOUND', `the template ${file} cannot be read`, {
      cause,
      hint: `Relative paths start from ${baseDir}.`,
    });
  });
  const revealed: Record<string, string> = {};
  for (const [name, from] of Object.entries(secrets)) revealed[name] = (await secret(from)).reveal();
  const { id, hostname, ipAddress } = node;
  return await renderTemplate(template, { ...values, ...revealed, node: { id, hostname, ipAddress } }, file);
}
