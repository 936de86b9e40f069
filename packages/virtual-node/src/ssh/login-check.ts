import type { ImageFiles } from '@turingpi/image';
import ssh2 from 'ssh2';
import type { AuthContext } from 'ssh2';
import type { Account } from '../system/accounts.js';
import type { NodeSystem } from '../system/node-system.js';
import { readSshServerSettings, type SshServerSettings } from '../system/ssh-server-settings.js';

const KEY_TYPES = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521))$/;

/** The outcome of one attempt to log in. */
export type LoginVerdict =
  | { readonly accepted: true; readonly account: Account }
  | { readonly accepted: false; readonly methods: ('publickey' | 'password')[]; readonly why: string };

/** Decides about logins as sshd with PAM does, by the files on the node's disk. */
export async function checkLogin(system: NodeSystem, attempt: AuthContext): Promise<LoginVerdict> {
  return system.privileged(async (root) => {
    const settings = await readSshServerSettings(root);
    const methods = offered(settings);
    const refuse = (why: string): LoginVerdict => ({ accepted: false, methods, why });
    const account = await system.accounts.find(attempt.username);
    if (account === undefined) return refuse(`Invalid user ${attempt.username}`);
    if (account.expired) return refuse(`account ${account.name} has expired`);
    if (settings.allowUsers !== undefined && !settings.allowUsers.includes(account.name))
      return refuse(`User ${account.name} not allowed because not listed in AllowUsers`);
    if (account.uid === 0 && settings.permitRootLogin === 'no') return refuse('ROOT LOGIN REFUSED');
    if (attempt.method === 'password') {
      if (!settings.passwordAuthentication) return refuse('password authentication is off');
      if (account.uid === 0 && settings.permitRootLogin !== 'yes')
        return refuse('root may not log in with a password');
      if (!system.accounts.passwordFits(account, attempt.password))
        return refuse(`Failed password for ${account.name}`);
      return { accepted: true, account };
    }
    if (attempt.method !== 'publickey' || !settings.publicKeyAuthentication)
      return refuse('method not offered');
    const keys = await authorizedKeys(root, account);
    if (typeof keys === 'string') return refuse(keys);
    const offeredKey = `${attempt.key.algo.startsWith('rsa-sha2') ? 'ssh-rsa' : attempt.key.algo} ${attempt.key.data.toString('base64')}`;
    const known = keys.find((key) => key === offeredKey);
    if (known === undefined) return refuse(`Failed publickey for ${account.name}`);
    // Without a signature the client only asks whether the key would do.
    if (attempt.signature === undefined || attempt.blob === undefined) return { accepted: true, account };
    const parsed = ssh2.utils.parseKey(known);
    // The typings promise a boolean, but a malformed signature comes back as an Error, which is truthy.
    const proven: unknown =
      parsed instanceof Error ? false : parsed.verify(attempt.blob, attempt.signature, attempt.hashAlgo);
    return proven === true ? { accepted: true, account } : refuse(`bad signature for ${account.name}`);
  });
}

function offered(settings: SshServerSettings): ('publickey' | 'password')[] {
  return [
    ...(settings.publicKeyAuthentication ? (['publickey'] as const) : []),
    ...(settings.passwordAuthentication ? (['password'] as const) : []),
  ];
}

/** Keys of `~/.ssh/authorized_keys` as `type base64`, or why the file is not used (sshd's StrictModes). */
async function authorizedKeys(root: ImageFiles, account: Account): Promise<string[] | string> {
  const file = `${account.home}/.ssh/authorized_keys`;
  if (!(await root.exists(file))) return `no authorized_keys of ${account.name}`;
  for (const path of [account.home, `${account.home}/.ssh`, file]) {
    const stat = await root.stat(path);
    if ((stat.uid !== account.uid && stat.uid !== 0) || (stat.mode & 0o022) !== 0)
      return `Authentication refused: bad ownership or modes for ${path}`;
  }
  const lines = ((await root.readText(file)) ?? '').split('\n');
  return lines.flatMap((line) => {
    if (line.startsWith('#')) return [];
    const words = line.trim().split(/\s+/);
    const at = words.findIndex((word) => KEY_TYPES.test(word));
    return at < 0 || words[at + 1] === undefined ? [] : [`${words[at] ?? ''} ${words[at + 1] ?? ''}`];
  });
}
