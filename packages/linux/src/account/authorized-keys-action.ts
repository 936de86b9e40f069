import {
  type ActionEnvironment,
  type ChangeResult,
  fileChange,
  LookingAction,
  lookAtPath,
  type PendingChange,
} from '@turingpi/provisioning';
import { parsePublicKey, type SshSession } from '@turingpi/runtime';
import { z } from 'zod';
import { LinuxError } from '../linux-error.js';
import { accountName } from './account-name.js';
import { keyOf, renderAuthorizedKeys, withoutKeys } from './authorized-keys.js';
import { accountOf, type NodeAccount } from './node-account.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Lets keys log in as a user. */
    authorizedKeys(wanted: AuthorizedKeysInput): Promise<ChangeResult>;
  }
}

export interface AuthorizedKeysInput {
  readonly user: string;
  /** Lines as in `authorized_keys`. */
  readonly keys: readonly string[];
  /** Keys that are not let in any more: lines, or fingerprints (`SHA256:…`) with the options that their lines begin with. */
  readonly absent?: readonly string[] | undefined;
  /** No other keys are let in. Default: those that are there stay. */
  readonly exclusive?: boolean | undefined;
}

const publicKey = z.string().superRefine((line, context) => {
  try {
    parsePublicKey(keyOf(line.trim()));
  } catch {
    context.addIssue({
      code: 'custom',
      message: 'expected a public key, for example ssh-ed25519 AAAA… me@laptop',
    });
  }
});

const fingerprint = z.string().regex(/(^|\s)SHA256:[A-Za-z0-9+/]{43}$/, 'expected a fingerprint, SHA256:…');

/** Lets keys log in as a user of the node. */
export class AuthorizedKeysAction extends LookingAction<AuthorizedKeysInput> {
  readonly id = 'authorizedKeys';
  readonly title = 'lets SSH keys log in as a user';
  readonly schema = z.strictObject({
    user: accountName,
    keys: z.array(publicKey),
    absent: z.array(publicKey.or(fingerprint)).optional(),
    exclusive: z.boolean().optional(),
  });

  note({ user, keys, absent = [] }: AuthorizedKeysInput): string {
    const gone = absent.length === 0 ? '' : `, ${absent.length} taken away`;
    return `${user}: ${keys.length} keys${gone}`;
  }

  inputs({ user, keys, absent, exclusive }: AuthorizedKeysInput) {
    return { user, keys: [...keys], exclusive, ...(absent !== undefined && { absent: [...absent] }) };
  }

  /** @throws LinuxError `USER_NOT_FOUND`, `HOME_UNSAFE` */
  protected async look(
    { user, keys, absent = [], exclusive = false }: AuthorizedKeysInput,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const account = await accountOf(node, user, signal);
    if (account === undefined)
      throw new LinuxError('USER_NOT_FOUND', `${node.place} has no user ${user}`, {
        hint: 'The action `user` makes one.',
      });
    const owner = `${account.uid}:${account.gid}`;
    const directory = `${account.home}/.ssh`;
    const path = `${directory}/authorized_keys`;
    const existing = await keysThatAreThere(node, directory, path, signal);
    const kept = exclusive ? undefined : withoutKeys(existing, absent);
    const content = renderAuthorizedKeys(kept, keys);
    if (existing === undefined && content === '') return undefined;
    const file = await fileChange(node, { path, content, mode: 0o600, owner }, signal);
    if (file === undefined) return undefined;
    return {
      make: async () => {
        await node.exec(prepare(directory, account), { signal, sudo: true });
        await file.make();
      },
    };
  }
}

/** As root nothing is written through a link that the user may have made. */
async function keysThatAreThere(
  node: SshSession,
  directory: string,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const place of [directory, path])
    if ((await lookAtPath(node, place, { signal }))?.type === 'symlink')
      throw new LinuxError('HOME_UNSAFE', `${place} on ${node.place} is a symbolic link`, {
        hint: 'Keys are written as root, and not through a link of the user. Replace it by what it leads to.',
      });
  const found = await lookAtPath(node, path, { signal });
  return found && (await node.readFile(path, { signal, sudo: true })).toString('utf8');
}

function prepare(directory: string, { uid, gid }: NodeAccount): readonly string[] {
  return ['install', '-d', '-m', '700', '-o', uid, '-g', gid, '--', directory];
}
