import {
  type Context,
  type CustomizedImage,
  type FirstBootCredentials,
  PhaseError,
} from '@turingpi/core/plugin';
import { digestCredentials } from '../credential/credential-digest.js';
import {
  type CredentialPlan,
  isEmptyCredentials,
  mergeCredentials,
  planCredentials,
} from '../credential/credential-plan.js';
import { rebuildableOf } from '../image/rebuildable-image.js';

/** An image that holds exactly the first-boot settings that were asked for, and those settings. */
export interface FinishedImage {
  readonly image: CustomizedImage;
  readonly credentials: CredentialPlan | undefined;
}

/**
 * Makes sure that the image holds what the installer was told: passwords and keys must be there at the first boot.
 *
 * @remarks An image that holds other settings is made again from its base, under phase 1's own record, so that what
 * is flashed is always the file that the record names, and a later run skips both phases.
 * @throws PhaseError `PHASE_INPUT_MISSING` when the image lacks them and was not made in this run.
 */
export async function finishImage(
  context: Context,
  image: CustomizedImage,
  asked: FirstBootCredentials,
): Promise<FinishedImage> {
  const rebuildable = rebuildableOf(image);
  const own = isEmptyCredentials(asked) ? undefined : asked;
  const merged = mergeCredentials(rebuildable?.credentials, own);
  const wanted = isEmptyCredentials(merged) ? undefined : merged;
  const credentials = wanted && (await planCredentials(wanted));
  const digest = credentials && (await digestCredentials(credentials, context.cacheDir));
  if (digest === image.credentialsHash || (!rebuildable && !credentials)) return { image, credentials };
  if (!rebuildable)
    throw new PhaseError(
      'PHASE_INPUT_MISSING',
      `the image ${image.path} does not hold the password and keys that the installer was given`,
      {
        hint: 'Run the image builder in the same workflow, or give them to it with withCredentials.',
      },
    );
  return { image: await rebuildable.rebuild(wanted), credentials };
}
