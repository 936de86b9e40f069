import type { Context, CustomizedImage, PhaseEnvironment } from '@turingpi/core/plugin';
import type { Secret } from '@turingpi/foundation';
import type { HostKeyPair } from '@turingpi/runtime';
import type { InstallationRecord } from '../generation/installation-record.js';

/** What an image holds that is in no plan. */
export interface SystemSecrets {
  readonly password: Secret | undefined;
  /** For the hash of the password: equal settings give equal bytes. */
  readonly passwordSalt: string;
  /**
   * What the node proves with which installation it is: its SSH host keys, or, of a system without SSH, the keys of
   * whatever `whoAnswers` asks. Made once for an installation; none in the image that callbacks read from.
   */
  readonly hostKeys: readonly HostKeyPair[];
  /** What `secretSources` named; each of them empty in the image that callbacks read from. */
  readonly own: Readonly<Record<string, Secret>>;
}

/** What applying a plan works with. */
export interface ApplyEnvironment extends Pick<PhaseEnvironment, 'signal' | 'progress' | 'logger'> {
  readonly context: Context;
  /**
   * What the image is to say of itself. Undefined for the image that pre-install callbacks read from: what is new at every
   * installation is not in it, so that they read the same at every run, and nothing is warned of twice.
   */
  readonly installation: InstallationRecord | undefined;
}

/** Something in a base image that people should know of, because it was changed or may surprise. */
export interface ImageNotice {
  /** Path in the image; on another partition than the root, with the partition's name before it. */
  readonly file: string;
  readonly message: string;
}

/** What became of an image. */
export interface AppliedSystem {
  /** What later phases need to know, under a key that the plugin has declared by augmenting {@link CustomizedImage}. */
  readonly record?: Partial<CustomizedImage>;
  readonly notices?: readonly ImageNotice[];
  /**
   * Looks at the image again, as the pre-install callbacks have left it.
   *
   * @throws with a code, when they have broken what was asked for
   */
  verify?(): Promise<void>;
}
