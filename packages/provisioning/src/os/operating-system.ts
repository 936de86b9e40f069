import type { AdoptedNode, CustomizedImage, ModuleId } from '@turingpi/core/plugin';
import type { ImageSession } from '@turingpi/image/customization';
import type { SshSession } from '@turingpi/runtime';
import type { SecretSource } from '@turingpi/foundation';
import type { AdoptionRequest } from '../adoption/adoption.js';
import type { CredentialPlan } from '../credential/credential-plan.js';
import type { AppliedSystem, ApplyEnvironment, SystemSecrets } from './applied-system.js';
import type { OsSettingProblem, OsSettings } from './os-settings.js';
import type { NodeAnswer, NodeQuestion, ReadinessRequest } from './readiness.js';
import type { ReconfigurationRequest, SettingsInPlace } from '../reconfiguration/reconfiguration.js';
import type { SystemLogin } from './system-login.js';
import type { SystemRequest } from './system-request.js';

/**
 * How a node of an operating system is reached once it runs:
 * - `ssh`: it lets people in, and proves by its host key which installation it is;
 * - `api`: it answers to programs of its own, and takes no commands;
 * - `none`: not at all.
 */
export type NodeAccess = 'ssh' | 'api' | 'none';

/**
 * What an OS plugin contributes: what is to be in an image of one operating system, and how a node of it is awaited.
 *
 * @remarks The three phases are run by this package: it finds the base image, records what callbacks do, makes keys and
 * ids, saves, flashes, waits and keeps records. A system says what is its own, and nothing twice.
 *
 * @typeParam P - what is planned: it must be the same after a round trip through JSON
 */
export interface OperatingSystem<P = unknown> {
  /** The name in the configuration's `os`, for example `ubuntu`. */
  readonly id: string;
  readonly title: string;
  readonly access: NodeAccess;
  /** Version of what {@link apply} makes of equal plans: raised, it makes installed images outdated, never different. */
  readonly recipe: number;
  /**
   * Where secrets of its own are, by name, as the user's configuration of its plugin says it: for example what a node joins
   * its cluster with. They are read before an image is opened, are inputs of it, and {@link apply} gets them.
   */
  readonly secretSources?: Readonly<Record<string, SecretSource>>;
  /**
   * Checks what is asked and says what an image is to become: JSON with every default filled in, and without a secret.
   * Nothing is opened, reached or changed.
   *
   * @throws with a code, for what no image of this system can be
   */
  plan(request: SystemRequest): P | Promise<P>;
  /**
   * Checks what people log in with, also where no image is made for it.
   *
   * @throws with a code, for what this system does not take
   */
  checkCredentials?(credentials: CredentialPlan): void;
  /**
   * Makes an opened image what was planned. It is called twice for images with pre-install callbacks: for the image that
   * they read from, which is thrown away, and for the one that is saved.
   *
   * @throws with a code, for an image that is not of this system, or does not fit
   */
  apply(
    plan: P,
    image: ImageSession,
    secrets: SystemSecrets,
    environment: ApplyEnvironment,
  ): Promise<AppliedSystem>;
  /** Who can log in to an image, as its record says it. For systems with SSH. */
  loginOf?(image: CustomizedImage): SystemLogin;
  /**
   * Waits until a node that was just powered on is really up.
   *
   * @returns The module that it runs on, as far as it tells.
   * @throws with a code, when it is not up in time; the signal's reason
   */
  waitUntilReady(request: ReadinessRequest): Promise<ModuleId>;
  /**
   * Asks a node which installation it is, by the public keys that are on record of it. Systems with SSH are asked by their
   * host keys, and need not have it; of others without it, the record is all there is.
   */
  whoAnswers?(question: NodeQuestion): Promise<NodeAnswer>;
  /**
   * Which settings of a finished node can be changed as it runs, and by which actions: those that it leaves out need a
   * reinstallation, and all do without it. It reaches and changes nothing; it is asked for plans as well.
   */
  reconfigure?(
    request: ReconfigurationRequest,
  ): readonly SettingsInPlace[] | Promise<readonly SettingsInPlace[]>;
  /** The module that a node runs on, as far as it tells over SSH. Without it, modules are not told apart. */
  readModule?(session: SshSession, signal: AbortSignal): Promise<ModuleId>;
  /**
   * Logs in to a node that runs and tells what it is, for a record of it. A system without it cannot adopt.
   *
   * @throws when nobody answers, the key is not confirmed, or the login is refused.
   */
  adopt?(request: AdoptionRequest): Promise<AdoptedNode>;
  /**
   * Finds what cannot be in the settings of a declared workflow, all of it, before anything is opened or reached.
   * Without it, the phases find out one by one.
   */
  check?(settings: OsSettings): Promise<readonly OsSettingProblem[]>;
}
