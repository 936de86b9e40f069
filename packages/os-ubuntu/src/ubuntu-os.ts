import { inject, injectable } from '@turingpi/core/plugin';
import { LinuxOs } from '@turingpi/linux';
import { SSH_RUNTIME } from '@turingpi/provisioning';
import type { SshRuntime } from '@turingpi/runtime';
import { ubuntuProfile } from './ubuntu-profile.js';

/** Ubuntu for Turing Pi nodes. */
@injectable()
export class UbuntuOs extends LinuxOs {
  constructor(@inject(SSH_RUNTIME) ssh: SshRuntime) {
    super({ title: 'Ubuntu', profile: ubuntuProfile, ssh });
  }
}
