import { type Context, type CustomizedImage, type NamedInputs, PhaseError } from '@turingpi/core/plugin';
import { type CredentialPlan, isEmptyCredentials, mergeCredentials } from '../credential/credential-plan.js';
import { credentialInputs, sameInputs, withCredentialInputs } from '../generation/image-inputs.js';
import type { FirstBootCredentials } from '../image/first-boot-credentials.js';
import { rebuildableOf } from '../image/rebuildable-image.js';
import { credentialsFor } from '../os/credentials-for.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { ProvisioningError } from '../provisioning-error.js';
import type { FirstLogin } from './first-login.js';
import type { FirstLoginOptions } from './os-installer-options.js';
import { planFirstLogin } from './plan-first-login.js';

/** An image that holds what was asked for, or can be made to, as far as that is not left to the first login. */
export interface FinishedImage {
  /** The image as it is. */
  readonly image: CustomizedImage;
  /** Whether it holds what was asked for. If not, it can be made. */
  readonly holds: boolean;
  /** What was asked for; undefined for an image without a record of that. */
  readonly inputs: NamedInputs | undefined;
  /** Makes the image that holds what was asked for; undefined when its builder is not known in this run. */
  readonly make: ((generation: number) => Promise<CustomizedImage>) | undefined;
  /** What the image is to hold. */
  readonly credentials: CredentialPlan | undefined;
  /** Undefined when the accounts are prepared in the image. */
  readonly firstLogin: FirstLogin | undefined;
}

/** What the installer was told about the first boot. */
export interface FinishImageRequest {
  readonly image: CustomizedImage;
  readonly asked: FirstBootCredentials;
  readonly firstLogin: FirstLoginOptions | undefined;
  readonly skipBootWait: boolean;
}

/**
 * Makes sure that what the installer was told will be true: in the image, or, for accounts left as they come, by a
 * dialogue at the first login.
 *
 * @throws PhaseError `PHASE_INPUT_MISSING` when the image lacks it, was not made in this run, and no dialogue can make up
 * for it; ProvisioningError `FIRST_LOGIN_IMPOSSIBLE` for a first login that contradicts the rest.
 */
export async function finishImage(
  context: Context,
  system: OperatingSystem,
  request: FinishImageRequest,
): Promise<FinishedImage> {
  const { image, asked, skipBootWait } = request;
  const { username: _name, password, sshKeys: _keys, ...settings } = asked;
  const shipped = system.loginOf?.(image).shipped;
  // Accounts as they come, in an image that cannot be made again: the login they are known to have is the way in.
  const onlyWay =
    image.credentialsHash === undefined &&
    (await rebuildableOf(context, system, image, asked)) === undefined &&
    password !== undefined &&
    isEmptyCredentials(settings) &&
    shipped !== undefined &&
    !skipBootWait;
  const options = request.firstLogin ?? (onlyWay ? {} : undefined);
  if (options === undefined)
    return { ...(await prepareImage(context, system, image, asked)), firstLogin: undefined };
  if (skipBootWait)
    throw new ProvisioningError(
      'FIRST_LOGIN_IMPOSSIBLE',
      'there is no first login without waiting for the node',
      {
        hint: 'Leave out firstLogin or skipBootWait.',
      },
    );
  const firstLogin = await planFirstLogin(context, system, asked, options, shipped);
  const prepared = await prepareImage(context, system, image, settings);
  const { credentials } = prepared;
  if (credentials && (credentials.username ?? credentials.password ?? credentials.sshKeys[0]) !== undefined)
    throw new ProvisioningError(
      'FIRST_LOGIN_IMPOSSIBLE',
      `the accounts in ${image.path} are prepared already`,
      {
        hint: 'Leave out firstLogin, or give no user, password or keys to the image builder.',
      },
    );
  return { ...prepared, firstLogin };
}

/**
 * Makes sure that the image holds exactly these settings: passwords and keys must be there at the first boot.
 *
 * @remarks An image that holds other settings is made again from its base, by what was kept of its builder's request and
 * under phase 1's own record, so that what
 * is flashed is always the file that the record names, and a later run skips both phases. The image of an installation
 * that was completed is left for the installation to replace: whether there will be another one is not known yet.
 */
async function prepareImage(
  context: Context,
  system: OperatingSystem,
  image: CustomizedImage,
  asked: FirstBootCredentials,
): Promise<Omit<FinishedImage, 'firstLogin'>> {
  if (image.adopted === true) return adoptedImage(context, system, image, asked);
  const rebuildable = await rebuildableOf(context, system, image, asked);
  const own = isEmptyCredentials(asked) ? undefined : asked;
  const merged = mergeCredentials(rebuildable?.credentials, own);
  const wanted = isEmptyCredentials(merged) ? undefined : merged;
  const credentials = await credentialsFor(context, system, wanted);
  const { inputs: held, generation } = image;
  const key = await context.generations.digestKey();
  // What its builder was told beside, nobody knows without it: what it holds besides is no contradiction then.
  const inputs =
    held &&
    (rebuildable
      ? withCredentialInputs(held, credentials, key)
      : { ...held, ...credentialInputs(credentials, key) });
  const make = rebuildable && ((next: number) => rebuildable.rebuild(wanted, next));
  if (held === undefined || inputs === undefined) {
    // Nothing is known of what it holds; an image that is taken as it is may come from elsewhere.
    if (!credentials) return { image, holds: true, inputs, make, credentials };
  } else if (sameInputs(held, inputs) || (!make && !credentials))
    return { image, holds: true, inputs: make ? inputs : held, make, credentials };
  if (!make)
    throw new PhaseError(
      'PHASE_INPUT_MISSING',
      `the image ${image.path} does not hold the password and keys that the installer was given`,
      {
        hint: 'Run the image builder in the same workflow, or give them to it with withCredentials.',
      },
    );
  if (generation !== undefined && (await context.generations.wasInstalled(generation)))
    return { image, holds: false, inputs, make, credentials };
  return { image: await make(await context.generations.next()), holds: true, inputs, make, credentials };
}

/** What an adopted node runs is taken as it is, until a reinstallation is asked for. */
async function adoptedImage(
  context: Context,
  system: OperatingSystem,
  image: CustomizedImage,
  asked: FirstBootCredentials,
): Promise<Omit<FinishedImage, 'firstLogin'>> {
  const rebuildable = await rebuildableOf(context, system, image, asked);
  const merged = mergeCredentials(rebuildable?.credentials, asked);
  const credentials = await credentialsFor(context, system, merged);
  const make = rebuildable && ((next: number) => rebuildable.rebuild(merged, next));
  return { image, holds: false, inputs: image.inputs, make, credentials };
}
