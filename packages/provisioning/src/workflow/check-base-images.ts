import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterConfig, ConfigIssue } from '@turingpi/core/plugin';
import { resolvePath } from '@turingpi/core/plugin';
import { CleanupStack, TuringPiError } from '@turingpi/foundation';
import type { PostInstallAction } from '../action/post-install-action.js';
import { baseImageOf, originOf } from './declared-node.js';
import { parseWorkflow } from './parse-workflow.js';

/**
 * Looks whether the base images of a configuration that are files of this computer are disk images: their beginnings are
 * read, and nothing is kept. One that is not there is told by the check of all files that are named.
 */
export async function checkBaseImages(
  config: ClusterConfig,
  {
    actions,
    signal,
  }: { readonly actions: readonly PostInstallAction[] | undefined; readonly signal: AbortSignal },
): Promise<ConfigIssue[]> {
  const { workflow } = parseWorkflow(config.workflow, actions);
  const places = new Map<string, readonly PropertyKey[]>();
  for (const [id, { os, board }] of config.nodes) {
    const base =
      os === undefined ? undefined : baseImageOf(workflow, { id, board: config.boardName }, { os, board });
    if (typeof base?.source === 'string')
      places.set(resolvePath(config.baseDir, base.source), [
        'workflow',
        ...originOf(workflow, { id, board: config.boardName }, base.path),
      ]);
  }
  if (places.size === 0) return [];
  const found: ConfigIssue[] = [];
  const { assertImageFile } = await import('@turingpi/image'); // large, and a run needs it only to make images
  await using cleanup = new CleanupStack();
  const cacheDir = await mkdtemp(join(tmpdir(), 'turingpi-look-'));
  cleanup.defer(`remove ${cacheDir}`, () => rm(cacheDir, { recursive: true, force: true }));
  for (const [file, path] of places)
    try {
      await assertImageFile(file, { cacheDir, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!TuringPiError.is(error)) throw error;
      const { code, message, hint } = error;
      if (code !== 'IMAGE_NOT_FOUND')
        found.push({ path, message: `names an image that cannot be used: ${message}`, code, hint });
    }
  return found;
}
