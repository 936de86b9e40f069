import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CleanupStack } from '@turingpi/foundation';
import type { generateKeyPair } from '@turingpi/runtime';
import type { startVirtualBoard, VirtualBoard } from '@turingpi/virtual-board';
import type { baseImagePath } from '@turingpi/virtual-node';
import { programModule } from './program-module.js';

/** Two sites with two boards each. */
export const DEMO_BOARDS = [
  { name: 'rack1', site: 'north' },
  { name: 'rack2', site: 'north' },
  { name: 'rack3', site: 'south' },
  { name: 'rack4', site: 'south' },
] as const;

/** Faster than real hardware, and slow enough that somebody can be killed while a disk is written. */
const HOW = {
  clock: { scale: 200 },
  emmcSizeBytes: 80 << 20,
  emmcBytesPerSecond: 24 << 20,
  httpPort: 'off',
} as const;

/** The simulated boards of a demonstration, with their configuration files in `boards`. */
export class DemoBoards implements AsyncDisposable {
  private constructor(
    readonly boards: readonly VirtualBoard[],
    private readonly opened: CleanupStack,
  ) {}

  /** @param programDir - folder of the command's own package, which brings simulated boards */
  static async start(directory: string, programDir: string): Promise<DemoBoards> {
    const [virtual, images, runtime] = (await Promise.all(
      ['@turingpi/virtual-board', '@turingpi/virtual-node', '@turingpi/runtime'].map((name) =>
        programModule(programDir, name),
      ),
    )) as [
      { readonly startVirtualBoard: typeof startVirtualBoard },
      { readonly baseImagePath: typeof baseImagePath },
      { readonly generateKeyPair: typeof generateKeyPair },
    ];
    const key = await runtime.generateKeyPair('ed25519', { comment: 'turingpi-fleet-demo' });
    const secrets = {
      id_ed25519: key.privateKey.reveal(),
      bmc_password: randomBytes(12).toString('base64url'),
      user_password: randomBytes(12).toString('base64url'),
    };
    await mkdir(path.join(directory, 'boards/secrets'), { recursive: true, mode: 0o700 });
    for (const [name, value] of Object.entries(secrets))
      await writeFile(path.join(directory, 'boards/secrets', name), `${value.trimEnd()}\n`, { mode: 0o600 });
    await using opening = new CleanupStack();
    const boards: VirtualBoard[] = [];
    for (const { name } of DEMO_BOARDS) {
      const dir = path.join(directory, 'simulated', name);
      const board = await virtual.startVirtualBoard({
        ...HOW,
        dir,
        password: secrets.bmc_password,
        nodes: [{ board: 'rk1' }],
      });
      boards.push(opening.use(name, board));
      const image = images.baseImagePath('rk1-ubuntu.img.xz');
      const configuration = configurationOf({ name, board, image, publicKey: key.publicKey });
      await writeFile(path.join(directory, 'boards', `${name}.yaml`), JSON.stringify(configuration, null, 2));
    }
    return new DemoBoards(boards, opening.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened[Symbol.asyncDispose]();
  }
}

/** What a user would write, pointing at a simulated board. */
function configurationOf(of: {
  readonly name: string;
  readonly board: VirtualBoard;
  readonly image: string;
  readonly publicKey: string;
}): unknown {
  const { name, board, image, publicKey } = of;
  const ssh = board.nodes[0]?.ssh;
  return {
    ip: board.https.host,
    cacheDir: `./cache-of-${name}`,
    bmc: {
      port: board.https.port,
      password: { file: './secrets/bmc_password' },
      publicKeyPin: board.publicKeyPin,
    },
    network: { gateway: '192.168.1.1', hostnamePattern: `${name}-{id}` },
    ssh: { privateKey: { file: './secrets/id_ed25519' } },
    node1: {
      ip: '192.168.1.101',
      board: 'rk1',
      os: 'ubuntu',
      ...(ssh && { ssh: { host: ssh.host, port: ssh.port } }),
    },
    workflow: {
      baseImages: { ubuntu: image },
      user: { name: 'admin', password: { file: './secrets/user_password' }, sshKeys: [publicKey] },
      postInstall: [{ write: { path: '/etc/finished', content: 'yes\n' } }],
    },
  };
}
