import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CleanupStack, type NodeId } from '@turingpi/foundation';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { makeSite, type Site } from '../../support/site/site.js';
import { FlashWatch } from './flash-watch.js';
import type { FleetForm } from './fleet-form.js';

/** The actions after the installation: each leaves its number in `/etc/steps`. */
export const ACTIONS = [1, 2, 3] as const;

/** A simulated board of a fleet, with the configuration that agents of its site read. */
export class LabBoard implements AsyncDisposable {
  private constructor(
    readonly name: string,
    readonly site: string,
    readonly folder: Site,
    readonly board: VirtualBoard,
    readonly watch: FlashWatch,
    /** The text of its file; all computers have the same. */
    readonly configuration: string,
    /** What may be found nowhere. */
    readonly secrets: readonly string[],
    private readonly opened: CleanupStack,
  ) {}

  /** @param images - folder of the site's images, which its computers share */
  static async start(
    name: string,
    site: string,
    { nodes, emmcBytesPerSecond }: FleetForm,
    images: string,
  ): Promise<LabBoard> {
    await using opening = new CleanupStack();
    const folder = opening.use('folder', await makeSite());
    const password = randomBytes(12).toString('base64url');
    const board = await startVirtualBoard({
      dir: path.join(folder.directory, 'board'),
      password,
      nodes: nodes.map(() => ({ board: 'rk1' as const })),
      clock: { scale: 200 },
      emmcSizeBytes: 80 << 20,
      emmcBytesPerSecond,
      httpPort: 'off',
    });
    opening.use('board', board);
    const watch = new FlashWatch(board);
    opening.defer('watch', () => watch[Symbol.dispose]());
    const own = (node: NodeId) => ({
      files: [{ path: '/etc/mark', content: `${markOf(name, node)}\n` }],
      postInstall: ACTIONS.map((step) => ({ run: ['sh', '-c', `echo ${step} >> /etc/steps`] })),
    });
    const { https, publicKeyPin } = board;
    await folder.configure(board, {
      cacheDir: `./cache-of-${name}`,
      bmc: { port: https.port, password, publicKeyPin },
      network: { gateway: '192.168.1.1', hostnamePattern: `${name}-{id}` },
      ssh: { privateKey: { file: folder.privateKeyFile } },
      artifacts: { directory: images },
      workflow: {
        baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
        user: { name: 'admin', password: folder.userPassword, sshKeys: [folder.publicKey] },
        nodes: Object.fromEntries(nodes.map((node) => [`node${node}`, own(node)])),
      },
    });
    const configuration = await readFile(folder.configFile, 'utf8');
    const [, line = ''] = (await readFile(folder.privateKeyFile, 'utf8')).split('\n');
    const secrets = [password, folder.userPassword, line];
    return new LabBoard(
      ...([name, site, folder, board, watch, configuration, secrets] as const),
      opening.move(),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened[Symbol.asyncDispose]();
  }
}

/** What is somewhere on the disk of a node that was installed as it should be. */
export function markOf(board: string, node: NodeId): string {
  return `mark-of-${board}-${node}-end`;
}
