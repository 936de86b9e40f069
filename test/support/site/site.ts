import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { generateKeyPair } from '@turingpi/runtime';
import { baseImagePath } from '@turingpi/virtual-node';
import type { VirtualBoard } from '@turingpi/virtual-board';
import { stringify } from 'yaml';

/** A user's folder: configuration, base images, keys and files, all made up for one test. */
export interface Site extends AsyncDisposable {
  readonly directory: string;
  readonly configFile: string;
  readonly cacheDir: string;
  readonly userPassword: string;
  readonly publicKey: string;
  readonly privateKeyFile: string;
  /** Writes the configuration; what is given is merged over the usual one, key by key. */
  configure(board: SiteBoard, changes?: Readonly<Record<string, unknown>>): Promise<void>;
}

/** What the configuration needs to know of a board, in this process or another. */
export type SiteBoard = Pick<VirtualBoard, 'https' | 'publicKeyPin'> & {
  readonly nodes: readonly Pick<VirtualBoard['nodes'][number], 'id' | 'board' | 'ssh'>[];
};

/** The password of a virtual board that was not given another one. */
const BOARD_PASSWORD = 'turing';

/** Makes a site in a temporary folder that is removed at the end. */
export async function makeSite(): Promise<Site> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-site-'));
  const key = await generateKeyPair('ed25519', { comment: 'site' });
  const userPassword = `pw-${randomBytes(9).toString('base64url')}`;
  const privateKeyFile = path.join(directory, 'id_ed25519');
  await writeFile(privateKeyFile, key.privateKey.reveal(), { mode: 0o600 });
  await mkdir(path.join(directory, 'files'));
  await writeFile(path.join(directory, 'files/script.sh'), '#!/bin/sh\necho ok\n');
  const configFile = path.join(directory, 'turingpi.yaml');
  const cacheDir = path.join(directory, 'cache');
  return {
    directory,
    configFile,
    cacheDir,
    userPassword,
    publicKey: key.publicKey,
    privateKeyFile,
    configure: (board, changes = {}) =>
      writeFile(configFile, stringify({ ...usualConfig(board, key.publicKey, userPassword), ...changes })),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

function usualConfig(board: SiteBoard, publicKey: string, userPassword: string) {
  return {
    ip: board.https.host,
    cacheDir: './cache',
    bmc: { port: board.https.port, password: BOARD_PASSWORD, publicKeyPin: board.publicKeyPin },
    network: { gateway: '192.168.1.1', hostnamePattern: 'site-{id}' },
    ssh: { privateKey: { file: './id_ed25519' } },
    ...Object.fromEntries(
      board.nodes
        .filter((node) => node.board !== undefined)
        .map(({ id, board: type, ssh }) => [
          `node${id}`,
          { ip: `192.168.1.${100 + id}`, board: type, os: type === 'cm4' ? 'debian' : 'ubuntu', ssh },
        ]),
    ),
    workflow: usualWorkflow(publicKey, userPassword),
  };
}

/** A workflow with something of everything. */
export function usualWorkflow(publicKey: string, userPassword: string) {
  return {
    baseImages: {
      ubuntu: baseImagePath('rk1-ubuntu.img.xz'),
      debian: baseImagePath('rpi-debian.img.xz'),
    },
    user: { name: 'admin', password: userPassword, sshKeys: [publicKey] },
    files: [
      { path: '/etc/my_app/config', content: 'data' },
      { path: '/usr/local/bin/script.sh', source: './files/script.sh', mode: '0755' },
    ],
    postInstall: [{ write: { path: '/etc/finished', content: 'yes\n' } }, { run: ['cat', '/etc/hostname'] }],
  };
}
