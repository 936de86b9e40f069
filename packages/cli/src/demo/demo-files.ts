import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateKeyPair } from '@turingpi/runtime';
import { baseImagePath } from '@turingpi/virtual-node';

/** Everything below the output folder that a demo makes, and removes when it starts anew. */
const MADE_BY_DEMO = [
  'base',
  'files',
  'secrets',
  'virtual-board',
  'turingpi.yaml',
  'tpi_state.json',
  'tpi_state.journal',
  'turingpi.log',
] as const;

/** The base images of the demo, by operating system. */
export const DEMO_BASE_IMAGES = { ubuntu: 'rk1-ubuntu.img.xz', debian: 'rpi-debian.img.xz' } as const;

/** What the configuration file refers to. */
export interface DemoFiles {
  readonly directory: string;
  /** Public half of the key that the nodes accept, OpenSSH one-line form. */
  readonly publicKey: string;
  readonly bmcPassword: string;
}

/** Lays out the demo's folder: base images, files to put into images, a key and passwords made on the spot. */
export async function makeDemoFiles(directory: string): Promise<DemoFiles> {
  for (const name of MADE_BY_DEMO) await rm(path.join(directory, name), { recursive: true, force: true });
  for (const folder of ['base', 'files', 'secrets'])
    await mkdir(path.join(directory, folder), {
      recursive: true,
      mode: folder === 'secrets' ? 0o700 : 0o755,
    });

  for (const name of Object.values(DEMO_BASE_IMAGES))
    await copyFile(baseImagePath(name), path.join(directory, 'base', name));
  await writeFile(path.join(directory, 'files', 'greet.sh'), '#!/bin/sh\necho "hello from $(hostname)"\n', {
    mode: 0o755,
  });
  await writeFile(
    path.join(directory, 'files', 'greet.service'),
    '[Unit]\nDescription=Says hello once\n\n[Service]\nType=oneshot\nExecStart=/usr/local/bin/greet.sh\n\n[Install]\nWantedBy=multi-user.target\n',
  );

  const key = await generateKeyPair('ed25519', { comment: 'turingpi-demo' });
  const bmcPassword = randomBytes(12).toString('base64url');
  const secrets = {
    id_ed25519: key.privateKey.reveal(),
    bmc_password: bmcPassword,
    user_password: randomBytes(12).toString('base64url'),
  };
  for (const [name, value] of Object.entries(secrets))
    await writeFile(path.join(directory, 'secrets', name), `${value.trimEnd()}\n`, { mode: 0o600 });
  return { directory, publicKey: key.publicKey, bmcPassword };
}
