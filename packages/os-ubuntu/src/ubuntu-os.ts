import { inject, injectable } from '@turingpi/core/plugin';
import { IMAGE_ENGINE, type ImageEngine } from '@turingpi/image/customization';
import { LinuxOs } from '@turingpi/linux';
import { LOCAL_RUNTIME, type LocalRuntime, SSH_RUNTIME, type SshRuntime } from '@turingpi/runtime';
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
