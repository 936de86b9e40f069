import provisioning from '@turingpi/provisioning';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FlashImage, HttpsBmcClient } from '@turingpi/bmc';
import { createTuringPi, definePlugin, type EraseApproval, type TuringPi } from '@turingpi/core';
import { type NodeId, CleanupStack, Secret, silentLogger } from '@turingpi/foundation';
import type { BoardDriver } from '@turingpi/provisioning';
import type { Context, CustomizedImage, InstalledNode, PhaseStep, Standing } from '@turingpi/core/plugin';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { FAST } from '../../board/board-fixture.js';

/** The board's work takes no time that counts. */
const SCALE = 10_000;
const FLASH_TIMINGS = { ...FAST.flashTimings!, pollMs: 3, settleMs: 12, cleanupMs: 500, gapMs: 300 };
/** Another host's claim is watched for this long. */
const LEASES = { beatMs: 50, staleMs: 400, lookMs: 20 };
const OTHER = { username: 'other', password: 'pw' };
const IMAGE_BYTES = 4096;
/** The board writes blocks of 512 KiB: one of them is on the disk when its power is lost. */
const INTERRUPTED_BYTES = 700 * 1024;

/**
 * A user's project on a virtual board: what is decided is core's own, what is flashed goes through the client of the board
 * into its disks. Who answers at a node's address is told from what the disk of a node that is on holds.
 */
export class TrustSite implements AsyncDisposable {
  source = '/home/user/project/turingpi.yaml';
  hostname = 'turingpi-node{id}';
  imageIsThere = true;
  recipe = 1;
  /** Fails the next installation: the board is out of reach, or loses its power in mid-flash. */
  failing: 'before' | 'amid' | undefined;
  #installations = 0;
  #board: VirtualBoard | undefined;
  readonly #opened = new CleanupStack();

  private constructor(
    public directory: string,
    private readonly certificateDir: string,
  ) {}

  /** @param certificateDir - a board's files with the certificate that all boards share: making one takes longest */
  static async create(certificateDir: string): Promise<TrustSite> {
    const site = new TrustSite(await mkdtemp(path.join(os.tmpdir(), 'turingpi-trust-')), certificateDir);
    site.#board = await site.#startBoard();
    return site;
  }

  get board(): VirtualBoard {
    if (!this.#board) throw new Error('no board yet');
    return this.#board;
  }

  get stateFile(): string {
    return path.join(this.directory, 'tpi_state.json');
  }

  /** The project as a new process opens it. */
  open(approve: EraseApproval): Promise<TuringPi> {
    const client = this.#client({ username: 'root', password: 'turing' });
    class Board {
      readonly id = 'simulated';
      readonly title = 'a module of the virtual board';
      readonly strategies = [];
      async identity({ signal }: { readonly signal: AbortSignal }) {
        const { serial, mac, publicKeyPin } = await client.identity({ signal });
        return { serial, mac, key: publicKeyPin };
      }
    }
    this.#installer = client;
    // Nobody listens at this port: a node's silence is decided by the steps below.
    const ssh = { host: '127.0.0.1', port: 1 };
    return createTuringPi(
      {
        ip: '10.0.0.2',
        node1: { ip: '10.0.0.11', board: 'simulated', ssh },
        node2: { ip: '10.0.0.12', board: 'simulated', ssh },
        network: { hostnamePattern: this.hostname },
        cacheDir: this.directory,
        plugins: [
          definePlugin({
            name: 'simulated',
            requires: [provisioning],
            boards: [Board as unknown as new () => BoardDriver],
          }),
        ],
      },
      { approve, source: this.source, environment: {}, leases: LEASES },
    );
  }
  #installer!: HttpsBmcClient;

  /** The three phases of one node. */
  readonly workflow = async (context: Context): Promise<void> => {
    const { id, hostname } = context.node;
    const image: CustomizedImage = {
      ...{ path: `${hostname}.img.xz`, format: 'xz', sizeBytes: 1, sha256: 'aa', rawSizeBytes: 1 },
      ...{ os: 'simulated', hostname, hostKeys: [], facts: {} },
    };
    await context.runPhase({
      id: 'image_customization',
      inputs: { base: 'base', hostname },
      recipe: this.recipe,
      stands: () => Promise.resolve(this.imageIsThere),
      run: () => {
        this.imageIsThere = true;
        return Promise.resolve(image);
      },
    });
    const { installationId } = await context.runPhase(this.#installation(id, hostname));
    await context.runJournaledPhase({
      ...{ id: 'post_installation', inputs: {}, installationId },
      run: async (_environment, journal) => {
        await journal.perform('run', 'first', () => Promise.resolve(1));
      },
    });
  };

  #installation(id: NodeId, hostname: string): PhaseStep<'os_installation'> {
    const client = this.#installer;
    return {
      id: 'os_installation',
      inputs: { base: 'base', hostname },
      stands: ({ installationId }) => this.#standing(id, installationId),
      whoAnswers: async () => (this.isOn(id) && (await this.systemOf(id)) !== undefined ? 'other' : 'nobody'),
      run: async ({ permit, signal }) => {
        if (this.#fails('before')) await this.board.crash();
        const installationId = `installation-${++this.#installations}`;
        await client.flashNode({
          node: id,
          image: this.#image(installationId, this.#fails('amid')),
          ...{ permit, signal, attempts: 1 },
        });
        await client.switchOn(id, { signal });
        const names = { os: 'simulated', ipAddress: `10.0.0.1${id}`, hostname, hostKeys: [] };
        return {
          installationId,
          imageSha256: 'aa',
          username: 'u',
          strategy: 'flash',
          ...names,
        } satisfies InstalledNode;
      },
    };
  }

  /** What is on a node's disk, by the key that it would answer with; undefined: nothing. */
  async systemOf(id: NodeId): Promise<string | undefined> {
    const bytes = await this.bytesOf(id);
    const [system = '', length = ''] = (bytes.split('\n')[0] ?? '').split(' ');
    if (system === '') return undefined;
    return bytes.length < Number(length) ? 'what was half written' : system;
  }

  /** Every byte of it. */
  bytesOf(id: NodeId): Promise<string> {
    return readFile(this.#emmc(id), 'latin1');
  }

  isOn(id: NodeId): boolean {
    return this.board.nodes[id - 1]!.powered;
  }

  /** Puts something onto a node's disk as another tool does, past the board; undefined makes it blank. */
  async putSystem(id: NodeId, system: string | undefined): Promise<void> {
    if (system === undefined) await truncate(this.#emmc(id), 0);
    else await writeFile(this.#emmc(id), `${system} 0\n`);
  }

  /** Switches a node as another client of the board does. */
  async setPower(id: NodeId, on: boolean): Promise<void> {
    await this.#client(OTHER).power.set({ [id]: on });
  }

  /** Puts the modules with what is on them into another board; none of them is on then but those that were. */
  async moveToAnotherBoard(): Promise<void> {
    const before = ([1, 2] as const).filter((id) => this.isOn(id));
    const contents = [await this.bytesOf(1), await this.bytesOf(2)] as const;
    await this.board[Symbol.asyncDispose]();
    this.#board = await this.#startBoard();
    await writeFile(this.#emmc(1), contents[0], 'latin1');
    await writeFile(this.#emmc(2), contents[1], 'latin1');
    for (const id of before) await this.setPower(id, true);
  }

  /** Done before the site is removed. */
  defer(name: string, release: () => Promise<void>): void {
    this.#opened.defer(name, release);
  }

  #emmc(id: NodeId): string {
    return this.board.nodes[id - 1]!.emmc!;
  }

  async #startBoard(): Promise<VirtualBoard> {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'turingpi-trust-board-'));
    for (const name of ['bmc-key.pem', 'bmc-certificate.pem'])
      await copyFile(path.join(this.certificateDir, name), path.join(dir, name));
    return await startVirtualBoard({
      ...{ dir, boot: 'none', boardRevision: 'v2.4', httpPort: 'off', emmcSizeBytes: 2 << 20 },
      clock: { scale: SCALE },
      accounts: { [OTHER.username]: OTHER.password },
      foreign: [OTHER.username],
      judge: {}, // its findings belong to the cell, not to whichever test ends next
    });
  }

  #client({ username, password }: { readonly username: string; readonly password: string }): HttpsBmcClient {
    const { https, publicKeyPin } = this.board;
    return this.#opened.use(
      'client',
      new HttpsBmcClient({
        endpoint: { host: https.host, port: https.port, httpPort: 1, metricsPort: 1 },
        credentials: { username, password: new Secret(password) },
        pins: { publicKeyPin },
        cacheDir: path.join(this.board.dir, 'cache', username),
        lockDir: path.join(this.board.dir, 'locks'),
        logger: silentLogger,
        flashTimings: FLASH_TIMINGS,
        transportTimings: FAST.transportTimings!,
      }),
    );
  }

  #image(system: string, losesPower: boolean): FlashImage {
    const raw = Buffer.alloc(losesPower ? INTERRUPTED_BYTES : IMAGE_BYTES, '.');
    raw.write(`${system} ${raw.length}\n`);
    const { board } = this;
    async function* bytes(): AsyncGenerator<Buffer> {
      if (losesPower) {
        yield raw.subarray(0, raw.length - 1024);
        while (!/bytes_written":[1-9]/.test(board.transferStatus)) await sleep(1);
        await board.crash();
        await board.restart('bmc'); // which cuts the power of every node
      }
      yield losesPower ? raw.subarray(-1024) : raw;
    }
    return {
      format: 'raw',
      open: () =>
        Promise.resolve({
          stream: Readable.from(bytes(), { objectMode: false }),
          ...{ format: 'raw', lengthBytes: raw.length, rawSizeBytes: raw.length, dictionaryBytes: undefined },
          sha256: createHash('sha256').update(raw).digest('hex'),
        }),
    };
  }

  async #standing(id: NodeId, installationId: string): Promise<Standing> {
    const system = await this.systemOf(id);
    if (!this.isOn(id) || system === undefined) return { standing: 'unproven', message: 'no answer' };
    return system === installationId || { standing: 'contradicted', message: 'it shows another key' };
  }

  #fails(moment: 'before' | 'amid'): boolean {
    if (this.failing !== moment) return false;
    this.failing = undefined;
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]();
    const { dir } = this.board;
    await this.board[Symbol.asyncDispose]();
    for (const one of [dir, this.directory]) await rm(one, { recursive: true, force: true });
  }
}
