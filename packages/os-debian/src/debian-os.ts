import { inject, injectable } from '@turingpi/core/plugin';
import { LinuxOs } from '@turingpi/linux';
import { SSH_RUNTIME } from '@turingpi/provisioning';
import type { SshRuntime } from '@turingpi/runtime';
import { debianProfile } from './debian-profile.js';

/** Debian for Turing Pi nodes. */
@injectable()
export class DebianOs extends LinuxOs {
  constructor(@inject(SSH_RUNTIME) ssh: SshRuntime) {
    super({ title: 'Debian', profile: debianProfile, ssh });
  }
}
