import type { ImageFiles } from '@turingpi/image';
import { Secret } from '@turingpi/core/plugin';
import { type HostKeyPair, type HostKeyType, parsePublicKey } from '@turingpi/runtime';

const TYPES: Readonly<Partial<Record<string, HostKeyType>>> = {
  'ssh-ed25519': 'ed25519',
  'ecdsa-sha2-nistp256': 'ecdsa',
  'ssh-rsa': 'rsa',
};

/** Puts our host keys into the image and takes any others out. */
export async function writeHostKeys(root: ImageFiles, pairs: readonly HostKeyPair[]): Promise<void> {
  if (await root.exists('/etc/ssh'))
    for (const { name } of await root.list('/etc/ssh'))
      if (/^ssh_host_.*_key(\.pub)?$/.test(name)) await root.remove(`/etc/ssh/${name}`);
  for (const { path, privateKey, publicKey } of pairs) {
    await root.writeFile(path, privateKey.reveal(), { mode: 0o600, uid: 0, gid: 0 });
    await root.writeFile(`${path}.pub`, `${publicKey}\n`, { mode: 0o644, uid: 0, gid: 0 });
  }
}

/**
 * Reads host keys back from an image that we made.
 *
 * @param publicKeys - those that must be in it, in one-line form
 * @returns Undefined when one of them is not there, or another one is in its place.
 */
export async function readHostKeys(
  root: ImageFiles,
  publicKeys: readonly string[],
): Promise<HostKeyPair[] | undefined> {
  const pairs: HostKeyPair[] = [];
  for (const publicKey of publicKeys) {
    const { type: name, fingerprint } = parsePublicKey(publicKey);
    const type = TYPES[name];
    const path = `/etc/ssh/ssh_host_${type ?? name}_key`;
    const pem = await root.readText(path);
    const line = await root.readText(`${path}.pub`);
    if (type === undefined || pem === undefined || line?.trim() !== publicKey) return undefined;
    pairs.push({ type, path, publicKey, fingerprint, privateKey: new Secret(pem) });
  }
  return pairs;
}
