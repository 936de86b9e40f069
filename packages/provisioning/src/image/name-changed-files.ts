import type { Context, CustomizedImage } from '@turingpi/core/plugin';
import type { InputChange } from '@turingpi/foundation';
import { changedFiles, type ImageRecording } from '@turingpi/image/customization';
import { KeptRequests } from './kept-request.js';

/** The input that stands for everything that pre-install callbacks do. */
export const PRE_INSTALL = 'preInstall';

/**
 * Names the files that callbacks make differently than they did, where it is known what they did then.
 *
 * @param before - the image that they made then
 * @param recording - what they do now
 */
export async function nameChangedFiles(
  context: Context,
  changes: readonly InputChange[],
  before: CustomizedImage,
  recording: ImageRecording | undefined,
): Promise<readonly InputChange[]> {
  if (!changes.some(({ name }) => name === PRE_INSTALL)) return changes;
  const kept = await new KeptRequests(context).read(before);
  const files = kept === undefined ? [] : changedFiles(kept.recording, recording);
  if (files.length === 0) return changes;
  return [
    ...changes.filter(({ name }) => name !== PRE_INSTALL),
    ...files.map(({ path, change }) => ({
      name: `file ${path}`,
      before: change === 'added' ? 'not set' : 'set',
      after: change === 'added' ? 'set' : change === 'removed' ? 'not set' : 'changed',
    })),
  ];
}
