import {
  type ActionEnvironment,
  type ActionInputEnvironment,
  LookingAction,
  type PendingChange,
} from '@turingpi/provisioning';
import type { Secret } from '@turingpi/foundation';
import { LinuxError } from '../linux-error.js';
import { hashPassword } from './password-hash.js';

export interface PasswordInput {
  readonly user: string;
  /** In clear, or as a hash. */
  readonly password: Secret;
  /** Salt of its hash, as crypt(5) takes it: what is hashed with the same is found to be the same. */
  readonly salt: string;
}

/** Gives a user of the node a password. For code alone: a step of a configuration file has no place for secrets. */
export class PasswordAction extends LookingAction<PasswordInput> {
  readonly id = 'password';
  readonly title = 'gives a user a password';

  note({ user }: PasswordInput): string {
    return user;
  }

  async inputs({ user, password, salt }: PasswordInput, { digest }: ActionInputEnvironment) {
    return { user, salt, password: await digest(password.reveal()) };
  }

  /** @throws LinuxError `USER_NOT_FOUND` */
  protected async look(
    { user, password, salt }: PasswordInput,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const shadow = (await node.readFile('/etc/shadow', { signal, sudo: true })).toString('utf8');
    const entry = shadow.split('\n').find((line) => line.startsWith(`${user}:`));
    if (entry === undefined)
      throw new LinuxError('USER_NOT_FOUND', `${node.place} has no user ${user}`, {
        hint: 'The action `user` makes one.',
      });
    const hash = hashPassword(password, salt);
    if (entry.split(':')[1] === hash) return undefined;
    return {
      make: async () => {
        await node.exec(['chpasswd', '--encrypted'], { signal, sudo: true, input: `${user}:${hash}\n` });
      },
    };
  }
}
