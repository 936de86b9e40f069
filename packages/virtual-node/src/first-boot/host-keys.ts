import type { ImageFiles } from '@turingpi/image';
import { generateHostKeys, type HostKeyType } from '@turingpi/runtime';

const PRIVATE_KEY = /^ssh_host_(?:[a-z0-9]+)_key$/;

/** The private host keys that are in an image, in OpenSSH or PEM form. */
export async function readHostKeys(root: ImageFiles): Promise<string[]> {
  if (!(await root.exists('/etc/ssh'))) return [];
  const keys: string[] = [];
  for (const { name } of await root.list('/etc/ssh')) {
    if (!PRIVATE_KEY.test(name)) continue;
    const key = (await root.readText(`/etc/ssh/${name}`)) ?? '';
    if (key !== '') keys.push(key);
  }
  return keys;
}

/** Removes the host keys, as cloud-init does on a new instance unless told not to. */
export async function deleteHostKeys(root: ImageFiles): Promise<void> {
  if (!(await root.exists('/etc/ssh'))) return;
  for (const { name } of await root.list('/etc/ssh'))
    if (/^ssh_host_.*_key(\.pub)?$/.test(name)) await root.remove(`/etc/ssh/${name}`);
}

/** Makes those host keys that are missing, as `ssh-keygen -A` does. */
export async function makeMissingHostKeys(root: ImageFiles, types: readonly HostKeyType[]): Promise<void> {
  const missing: HostKeyType[] = [];
  for (const type of types) if (!(await root.exists(`/etc/ssh/ssh_host_${type}_key`))) missing.push(type);
  for (const pair of await generateHostKeys(missing)) {
    await root.writeFile(pair.path, pair.privateKey.reveal(), { mode: 0o600, uid: 0, gid: 0 });
    await root.writeFile(`${pair.path}.pub`, `${pair.publicKey}\n`, { mode: 0o644, uid: 0, gid: 0 });
  }
}
