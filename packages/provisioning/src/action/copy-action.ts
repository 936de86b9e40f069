import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { platform } from 'node:process';
import { pipeline } from 'node:stream/promises';
import { localPath, resolvePath } from '@turingpi/core/plugin';
import { z } from 'zod';
import { ProvisioningError } from '../provisioning-error.js';
import { fileMode } from '../workflow/file-mode.js';
import { nodePath } from './node-path.js';
import { uploadChange } from '../node-file/upload-change.js';
import { LookingAction, type PendingChange } from './looking-action.js';
import type { ActionEnvironment, ActionInputEnvironment } from './post-install-action.js';

export interface CopyInput {
  /** On this computer. */
  readonly source: string;
  /** On the node. */
  readonly path: string;
  /** Default: that of the source. */
  readonly mode?: number | undefined;
}

/** Copies a file of this computer to the node, unless it is there already. */
export class CopyAction extends LookingAction<CopyInput> {
  readonly id = 'copy';
  readonly title = 'copies a file of this computer to the node';
  readonly schema = z.strictObject({ source: localPath, path: nodePath, mode: fileMode.optional() });
  readonly method = {
    name: 'local.copyFile',
    input: (
      source: string,
      path: string,
      { mode }: { readonly toRemote: true; readonly mode?: number },
    ): CopyInput => ({ source, path, mode }),
  } as const;

  localFiles({ source }: CopyInput) {
    return [{ path: ['source'], file: source }];
  }

  note({ path }: CopyInput): string {
    return path;
  }

  /** @throws ProvisioningError `LOCAL_FILE_NOT_FOUND` */
  async inputs(input: CopyInput, { baseDir, signal }: ActionInputEnvironment) {
    const { source, mode } = await sourceOf(input, baseDir);
    return { sha256: await digestOf(source, signal), target: input.path, mode };
  }

  protected async look(
    input: CopyInput,
    { baseDir, signal, session }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const { source, mode } = await sourceOf(input, baseDir);
    const file = { path: input.path, source, mode, sha256: () => digestOf(source, signal) };
    return uploadChange(await session(), file, signal);
  }
}

async function sourceOf(
  { source, mode }: CopyInput,
  baseDir: string,
): Promise<{ readonly source: string; readonly mode: number }> {
  const absolute = resolvePath(baseDir, source);
  const found = await stat(absolute).catch(() => undefined);
  if (!found?.isFile())
    throw new ProvisioningError(
      'LOCAL_FILE_NOT_FOUND',
      `the file to copy, ${absolute}, does not exist${found ? ' as a file' : ''}`,
      { hint: `Relative paths start from ${baseDir}.` },
    );
  // Windows has no permission bits worth copying.
  return { source: absolute, mode: mode ?? (platform === 'win32' ? 0o644 : found.mode & 0o777) };
}

/** The digest of a file of this computer, hex. */
export async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal }).catch((error: unknown) => {
    signal.throwIfAborted(); // a pipeline wraps the reason of an abort
    throw error;
  });
  return hash.digest('hex');
}
