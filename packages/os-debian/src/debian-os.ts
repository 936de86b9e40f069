import { inject, injectable } from '@turingpi/core/plugin';
import { IMAGE_ENGINE, LOCAL_RUNTIME, SSH_RUNTIME } from '@turingpi/provisioning';
import type { ImageEngine } from '@turingpi/image/customization';
import { LinuxOs } from '@turingpi/linux';
import type { LocalRuntime, SshRuntime } from '@turingpi/runtime';
import { debianProfile } from './debian-profile.js';

/** Debian for Turing Pi nodes. */
@injectable()
export class DebianOs extends LinuxOs {
  readonly id = 'debian';
  readonly title = 'Debian';

  constructor(
    @inject(IMAGE_ENGINE) engine: ImageEngine,
    @inject(SSH_RUNTIME) ssh: SshRuntime,
    @inject(LOCAL_RUNTIME) local: LocalRuntime,
  ) {
    super({ profile: debianProfile, engine, ssh, local });
  }
}
