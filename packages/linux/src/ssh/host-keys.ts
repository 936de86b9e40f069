import type { ImageFiles } from '@turingpi/image';
import type { HostKeyPair } from '@turingpi/runtime';

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
