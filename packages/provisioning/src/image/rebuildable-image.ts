import type { Context, CustomizedImage, SecretReference } from '@turingpi/core/plugin';
import { nodeName, type Secret, type SecretSource, TuringPiError } from '@turingpi/foundation';
import { keyedDigest } from '../credential/keyed-digest.js';
import { readSecretSource, secretPlaceOf } from '../credential/read-secret-source.js';
import type { OperatingSystem } from '../os/operating-system.js';
import type { FirstBootCredentials } from './first-boot-credentials.js';
import { ImageBuild } from './image-build.js';
import type { ImageRequest } from './image-request.js';
import { KeptRequests } from './kept-request.js';

/** How a customised image can be made again, by whatever process comes with its record. */
export interface RebuildableImage {
  /** What the image builder itself was told. */
  readonly credentials: FirstBootCredentials | undefined;
  /**
   * Makes the image again, from its base, with exactly these first-boot settings.
   *
   * @param generation - that of the earlier image for the same image again, the next one for another installation
   */
  rebuild(credentials: FirstBootCredentials | undefined, generation: number): Promise<CustomizedImage>;
  /** SHA-256 of the disk image in the base image's file: reads all of it the first time. */
  baseContent(signal: AbortSignal): Promise<string>;
}

/** Runs phase 1, and keeps what its image was asked to be for whoever has to make it again. */
export async function buildImage(
  context: Context,
  system: OperatingSystem,
  request: ImageRequest,
): Promise<CustomizedImage> {
  const build = new ImageBuild(context, system, request);
  const { image, prepared } = await build.run();
  if (prepared === undefined) return image; // nobody asked what it would be made from
  const { network, acceptMismatch, requiresRoot } = request;
  const { password, ...credentials } = request.credentials ?? {};
  await new KeptRequests(context).keep(image, {
    base: prepared.basePath, // a URL may have a password in it
    ...{ network, acceptMismatch, requiresRoot },
    inputs: prepared.inputs,
    recording: prepared.recording,
    credentials: request.credentials && credentials,
    password: await referenceTo(context, password),
  });
  return image;
}

/**
 * How the image of a record can be made again.
 *
 * @param asked - what the installer was told: a password that it brings need not be known otherwise
 * @returns Undefined for an image that is for another node, of which nothing is kept, or whose password was given to
 * another process as a value.
 */
export async function rebuildableOf(
  context: Context,
  system: OperatingSystem,
  image: CustomizedImage,
  asked: Pick<FirstBootCredentials, 'password'> = {},
): Promise<RebuildableImage | undefined> {
  if (image.node !== undefined && image.node !== nodeName(context.node.id)) return undefined;
  const kept = await new KeptRequests(context).read(image);
  if (kept === undefined) return undefined;
  const { password: reference, credentials: others, inputs, ...request } = kept;
  const password = reference && (await readReference(context, reference));
  if (reference !== undefined && password === undefined && asked.password === undefined) return undefined;
  const credentials = others && { ...others, ...(password && { password }) };
  const build = new ImageBuild(context, system, { ...request, credentials, preInstalls: [] });
  return {
    credentials,
    rebuild: (wanted, generation) => build.rebuild(wanted, generation, inputs),
    baseContent: (signal) => build.baseContent(inputs, signal),
  };
}

/** Where a password is. One that was given as a value stays in this process, and is known by its keyed digest. */
async function referenceTo(
  context: Context,
  source: SecretSource | undefined,
): Promise<SecretReference | undefined> {
  if (source === undefined) return undefined;
  const place = secretPlaceOf(source);
  if (place !== undefined) return place;
  const password = await readSecretSource(source, context.environment);
  const given = keyedDigest(password.reveal(), await context.generations.digestKey());
  context.registerSecret(password, given);
  return { given };
}

/** Undefined when it is not to be had here: then the image is what it is. */
async function readReference(context: Context, reference: SecretReference): Promise<Secret | undefined> {
  if ('given' in reference) return context.givenSecret(reference.given);
  try {
    return await readSecretSource(reference, context.environment);
  } catch (error) {
    if (!TuringPiError.is(error)) throw error;
    return undefined;
  }
}
