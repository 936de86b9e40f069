import {
  inject,
  injectable,
  type ImageBuilder,
  type OsInstallerBuilder,
  type OsInstallerOptions,
  type PostInstallerBuilder,
} from '@turingpi/core/plugin';
import { IMAGE_ENGINE, type ImageEngine } from '@turingpi/image';
import {
  LinuxImageBuilder,
  type LinuxOsDriver,
  LinuxOsInstallerBuilder,
  LinuxPostInstallerBuilder,
  type LinuxToolbox,
} from '@turingpi/linux';
import { LOCAL_RUNTIME, type LocalRuntime, SSH_RUNTIME, type SshRuntime } from '@turingpi/runtime';
import { debianProfile } from './debian-profile.js';

/** Debian for Turing Pi nodes. */
@injectable()
export class DebianOs implements LinuxOsDriver {
  readonly id = 'debian';
  readonly title = 'Debian';
  readonly toolbox: LinuxToolbox;

  constructor(
    @inject(IMAGE_ENGINE) engine: ImageEngine,
    @inject(SSH_RUNTIME) ssh: SshRuntime,
    @inject(LOCAL_RUNTIME) local: LocalRuntime,
  ) {
    this.toolbox = { profile: debianProfile, engine, ssh, local };
  }

  image(): ImageBuilder {
    return new LinuxImageBuilder(() => this.toolbox);
  }

  osInstaller(options?: OsInstallerOptions): OsInstallerBuilder {
    return new LinuxOsInstallerBuilder(() => this.toolbox, options);
  }

  postInstaller(): PostInstallerBuilder {
    return new LinuxPostInstallerBuilder(() => this.toolbox);
  }
}
