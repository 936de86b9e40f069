import type { AdoptedNode, ModuleId } from '@turingpi/core/plugin';
import type { SshSession } from '@turingpi/runtime';
import type { AdoptionRequest } from '../adoption/adoption.js';
import type { ImageBuilder } from '../image/image-builder.js';
import type { OsInstallerBuilder, OsInstallerOptions } from '../installation/os-installer-builder.js';
import type { PostInstallerBuilder, PostInstallerOptions } from '../post-install/post-installer-builder.js';
import type { OsSettingProblem, OsSettings } from './os-settings.js';

/**
 * What an OS plugin contributes: one family of operating systems and its three builders.
 *
 * @remarks The declarative workflow (`turingpi.yaml`) uses these; code usually calls functions that the plugin
 * exports, such as `ubuntuImage()`, which end up here.
 */
export interface OsDriver {
  /** The name in the configuration's `os`, for example `ubuntu`. */
  readonly id: string;
  readonly title: string;
  image(): ImageBuilder;
  osInstaller(options?: OsInstallerOptions): OsInstallerBuilder;
  postInstaller(options?: PostInstallerOptions): PostInstallerBuilder;
  /** The module that a node of this system runs on, as far as it tells over SSH. Without it, modules are not told apart. */
  readModule?(session: SshSession, signal: AbortSignal): Promise<ModuleId>;
  /**
   * Logs in to a node that runs and tells what it is, for a record of it. A driver without it cannot adopt.
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
