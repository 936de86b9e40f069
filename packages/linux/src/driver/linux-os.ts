import type { AdoptedNode, ModuleId } from '@turingpi/core/plugin';
import type { SshSession } from '@turingpi/runtime';
import type {
  AdoptionRequest,
  OsInstallerOptions,
  OsSettingProblem,
  OsSettings,
  PostInstallerOptions,
} from '@turingpi/provisioning';
import { adoptNode } from '../adoption/adopt-node.js';
import { readModuleId } from '../identity/read-module-id.js';
import { LinuxImageBuilder } from '../image/linux-image-builder.js';
import { LinuxOsInstallerBuilder } from '../installer/linux-os-installer-builder.js';
import { LinuxPostInstallerBuilder } from '../post-install/linux-post-installer-builder.js';
import type { LinuxOsDriver, LinuxToolbox } from '../profile/linux-toolbox.js';
import { checkSettings } from './check-settings.js';

/**
 * An OS driver made of the blocks of this package; an OS plugin adds its profile.
 *
 * @remarks A subclass needs a constructor of its own with `@inject` on its parameters.
 */
export abstract class LinuxOs implements LinuxOsDriver {
  abstract readonly id: string;
  abstract readonly title: string;

  protected constructor(readonly toolbox: LinuxToolbox) {}

  image(): LinuxImageBuilder {
    return new LinuxImageBuilder(() => this.toolbox);
  }

  osInstaller(options?: OsInstallerOptions): LinuxOsInstallerBuilder {
    return new LinuxOsInstallerBuilder(() => this.toolbox, options);
  }

  postInstaller(options?: PostInstallerOptions): LinuxPostInstallerBuilder {
    return new LinuxPostInstallerBuilder(() => this.toolbox, options);
  }

  readModule(session: SshSession, signal: AbortSignal): Promise<ModuleId> {
    return readModuleId(session, signal);
  }

  adopt(request: AdoptionRequest): Promise<AdoptedNode> {
    return adoptNode(request, this.id, this.toolbox.ssh);
  }

  check(settings: OsSettings): Promise<readonly OsSettingProblem[]> {
    return checkSettings(settings);
  }
}
