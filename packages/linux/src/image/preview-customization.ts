import type { NetworkConfig } from '@turingpi/provisioning';
import type { ImageSession } from '@turingpi/image';
import type { CredentialPlan } from '../credential/credential-plan.js';
import { type Customization, customizeImage } from './customize-image.js';
import { type ImageExpectation, recognizeImage } from './recognize-image.js';

type PreviewedSettings = Pick<Customization, 'network' | 'credentials'>;

/** All that decides what a preview shows, JSON-safe and without a secret: whether there is a password, not which. */
export function previewedSettings(
  { profile, boardType, acceptMismatch }: ImageExpectation,
  network: NetworkConfig,
  credentials: CredentialPlan | undefined,
): Readonly<Record<string, unknown>> {
  const password = credentials?.password !== undefined;
  return {
    os: profile.id,
    boardType,
    acceptMismatch,
    network,
    credentials: credentials && { ...credentials, password },
  };
}

/**
 * Makes an opened base image what pre-install callbacks are to see: our own settings are in it, except what is new at
 * every build (host keys, the password's hash, the instance), because what a callback reads must not differ from run to
 * run.
 *
 * @returns The session, whose edits are never saved; it is disposed of when this fails.
 */
export async function previewCustomization(
  session: ImageSession,
  expectation: ImageExpectation,
  settings: PreviewedSettings,
): Promise<ImageSession> {
  try {
    const { partitions, detected } = await recognizeImage(session, expectation);
    await customizeImage(partitions, detected, {
      ...settings,
      passwordHash: settings.credentials?.password && '*',
      hostKeys: [],
      profile: expectation.profile,
      instanceId: 'turingpi',
    });
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}
