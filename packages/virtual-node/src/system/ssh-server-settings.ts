import type { ImageFiles } from '@turingpi/image';
import { unitState } from './unit-files.js';

/** What of sshd's configuration decides about logins. */
export interface SshServerSettings {
  readonly passwordAuthentication: boolean;
  readonly publicKeyAuthentication: boolean;
  readonly permitRootLogin: 'yes' | 'no' | 'prohibit-password';
  /** Undefined: everybody. */
  readonly allowUsers: readonly string[] | undefined;
}

/**
 * Reads sshd_config as sshd does: the first value said wins, `Include` takes files in alphabetical order.
 *
 * @remarks `Match` blocks and everything behind them are not read.
 */
export async function readSshServerSettings(root: ImageFiles): Promise<SshServerSettings> {
  const values = new Map<string, string>();
  await collect(root, '/etc/ssh/sshd_config', values, 0);
  const permitRoot = values.get('permitrootlogin');
  return {
    passwordAuthentication: values.get('passwordauthentication') !== 'no',
    publicKeyAuthentication: values.get('pubkeyauthentication') !== 'no',
    permitRootLogin: permitRoot === 'yes' || permitRoot === 'no' ? permitRoot : 'prohibit-password',
    allowUsers: values.get('allowusers')?.split(/\s+/),
  };
}

/** Whether this boot starts sshd: the service or its socket is enabled, and nothing forbids it. */
export async function startsSshServer(root: ImageFiles): Promise<boolean> {
  if (await root.exists('/etc/ssh/sshd_not_to_be_run')) return false;
  for (const unit of ['ssh.service', 'ssh.socket', 'sshd.service'])
    if ((await unitState(root, unit)) === 'enabled') return true;
  return false;
}

async function collect(
  root: ImageFiles,
  path: string,
  values: Map<string, string>,
  depth: number,
): Promise<void> {
  const text = (await root.exists(path)) ? ((await root.readText(path)) ?? '') : '';
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z]+)(?:\s+|\s*=\s*)"?(.*?)"?\s*$/.exec(line);
    const [, keyword, value] = match ?? [];
    if (keyword === undefined || value === undefined) continue;
    const key = keyword.toLowerCase();
    if (key === 'match') return;
    if (key === 'include' && depth < 4)
      for (const file of await expand(root, value)) await collect(root, file, values, depth + 1);
    else if (key !== 'include' && !values.has(key))
      values.set(key, key === 'allowusers' ? value : value.toLowerCase());
  }
}

/** The files of `Include`: a path, or `*` with an ending in one directory; relative ones are in /etc/ssh. */
async function expand(root: ImageFiles, pattern: string): Promise<string[]> {
  const full = pattern.startsWith('/') ? pattern : `/etc/ssh/${pattern}`;
  const star = full.indexOf('*');
  if (star < 0) return [full];
  const slash = full.lastIndexOf('/', star);
  const [directory, prefix, suffix] = [
    full.slice(0, slash),
    full.slice(slash + 1, star),
    full.slice(star + 1),
  ];
  if (!(await root.exists(directory))) return [];
  const names = (await root.list(directory)).map((entry) => entry.name);
  return names
    .filter((name) => name.startsWith(prefix) && name.endsWith(suffix))
    .sort()
    .map((name) => `${directory}/${name}`);
}
