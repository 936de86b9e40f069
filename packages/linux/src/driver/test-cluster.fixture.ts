import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  createLogger,
  type CreateTuringPiOptions,
  createTuringPi,
  type TuringPi,
  type TuringPiConfig,
  type TuringPiEvent,
} from '@turingpi/core';
import { definePlugin } from '@turingpi/core/plugin';
import { SSH_RUNTIME } from '@turingpi/provisioning';
import { linuxPlugin } from '../linux-plugin.js';
import type { SshRuntime } from '@turingpi/runtime';
import type { LinuxProfile } from '../profile/linux-profile.js';
import { LinuxOs } from './linux-os.js';
import { boardClass, FakeBoard } from './fake-board.fixture.js';
import { FakeSsh } from './fake-ssh.fixture.js';

const BASE_IMAGES = resolve(import.meta.dirname, '../../../virtual-node/base-images');
export const RK1_UBUNTU = join(BASE_IMAGES, 'rk1-ubuntu.img.xz');
export const RPI_DEBIAN = join(BASE_IMAGES, 'rpi-debian.img.xz');

/**
 * What is made of blocks of the base images, in the cache of every cluster here: found by the digests of what it was made of,
 * it is the same for all of them. Made again, it would be half of what a test takes.
 */
const blocksOfAll = (): string => join(process.env['XDG_CACHE_HOME'] ?? tmpdir(), 'turingpi-linux-blocks');

/** A Linux over a given SSH runtime. */
function linuxOs(id: 'ubuntu' | 'debian', ssh: SshRuntime): LinuxOs {
  const profile: LinuxProfile = {
    id,
    distribution: id,
    firstUser: (image) =>
      image.family.startsWith('raspberry-pi-os')
        ? { name: 'pi', groups: ['sudo'], renames: 'pi' }
        : { name: id, groups: ['sudo'] },
  };
  return new LinuxOs({ title: id, profile, ssh });
}

/** A cluster of core with a fake board and a fake SSH runtime, in a directory of its own. */
export class TestCluster implements AsyncDisposable {
  readonly board: FakeBoard;
  readonly ssh = new FakeSsh();
  readonly events: TuringPiEvent[] = [];
  /** Lines of the log at its most talkative. */
  readonly log: string[] = [];

  private constructor(
    readonly cacheDir: string,
    boardType: string,
  ) {
    this.board = new FakeBoard(boardType);
  }

  static async create(boardType = 'rk1'): Promise<TestCluster> {
    const cacheDir = await mkdtemp(join(tmpdir(), 'turingpi-linux-'));
    await mkdir(blocksOfAll(), { recursive: true });
    await symlink(blocksOfAll(), join(cacheDir, 'xz-blocks'), 'junction');
    return new TestCluster(cacheDir, boardType);
  }

  /** A fresh cluster over the same directory: what a second start of the program sees. */
  async open(
    config: Partial<TuringPiConfig> = {},
    options: Pick<CreateTuringPiOptions, 'environment'> = {},
  ): Promise<TuringPi> {
    const { board, ssh } = this;
    const logger = createLogger({
      level: 'debug',
      destination: { write: (line: string) => void this.log.push(line) },
    });
    const cluster = await createTuringPi(
      {
        ip: '127.0.0.1',
        cacheDir: this.cacheDir,
        node1: { ip: '192.168.1.101', board: board.id, hostname: 'node1' },
        network: { gateway: '192.168.1.1', dnsServers: ['192.168.1.1'] },
        plugins: [
          definePlugin({
            requires: [linuxPlugin],
            name: 'test',
            os: [linuxOs('ubuntu', ssh), linuxOs('debian', ssh)],
            services: [{ token: SSH_RUNTIME, useValue: ssh }],
            boards: [boardClass(board)],
          }),
        ],
        ...config,
      },
      { logger, approve: 'all', ...options },
    );
    cluster.subscribe((event) => this.events.push(event));
    return cluster;
  }

  /** `phase:skipped image_customization` and its like, since the last call. */
  takePhaseEvents(): string[] {
    const taken = this.events
      .splice(0)
      .flatMap((event) =>
        event.type.startsWith('phase:') && event.type !== 'phase:progress' && 'phase' in event
          ? [`${event.type.slice('phase:'.length)} ${event.phase}`]
          : [],
      );
    return taken;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.cacheDir, { recursive: true, force: true });
  }
}
