import { compareInputs, type Context, type NamedInputs } from '@turingpi/core/plugin';
import { ImageError } from '@turingpi/image/customization';
import { withCredentialInputs } from '../generation/image-inputs.js';

/**
 * Sees to it that what was approved is what is made: another base, or another secret of the system, makes another image.
 *
 * @throws ImageError `IMAGE_SOURCE_CHANGED`
 */
export async function assertSameSource(
  { generations, node }: Pick<Context, 'generations' | 'node'>,
  now: NamedInputs,
  then: NamedInputs,
): Promise<void> {
  const key = await generations.digestKey();
  const [after, before] = [now, then].map((inputs) => withCredentialInputs(inputs, undefined, key));
  const changed = compareInputs(before ?? {}, after ?? {}).map(({ name }) => name);
  if (changed.length > 0)
    throw new ImageError(
      'IMAGE_SOURCE_CHANGED',
      `the image of ${node.hostname} cannot be made again as it was: ${changed.join(', ')} changed`,
      { hint: 'Run its image builder again: that is another image, and another plan.' },
    );
}
