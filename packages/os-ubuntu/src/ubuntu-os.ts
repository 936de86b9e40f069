import { inject, injectable } from '@turingpi/core/plugin';
import { IMAGE_ENGINE, LOCAL_RUNTIME, SSH_RUNTIME } from '@turingpi/provisioning';
import type { ImageEngine } from '@turingpi/image/customization';
import { LinuxOs } from '@turingpi/linux';
import type { LocalRuntime, SshRuntime } from '@turingpi/runtime';
import { ubuntuProfile } from './ubuntu-profile.js';

/** Ubuntu for Turing Pi nodes. */
@injectable()
export class UbuntuOs extends LinuxOs {
  readonly id = 'ubuntu';
  readonly title = 'Ubuntu';

  constructor(
    @inject(IMAGE_ENGINE) engine: ImageEngine,
    @inject(SSH_RUNTIME) ssh: SshRuntime,
    @inject(LOCAL_RUNTIME) local: LocalRuntime,
  ) {
    super({ profile: ubuntuProfile, engine, ssh, local });
  }
}
