import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  createLogger,
  createTuringPi,
  type TuringPi,
  type TuringPiConfig,
  type TuringPiEvent,
} from '@turingpi/core';
import {
  type BoardDriver,
  type BoardOperation,
  type CommandResult,
  definePlugin,
  type ImageBuilder,
  type InstallationRequest,
  type InstallationStrategy,
  type OsInstallerBuilder,
  type PostInstallerBuilder,
} from '@turingpi/core/plugin';
import imagePlugin, { BackendImageEngine } from '@turingpi/image';
import {
  type ChangePasswordOptions,
  ProcessLocalRuntime,
  RuntimeError,
  type SshRuntime,
  type SshSession,
  type SshTarget,
  type WaitForSshOptions,
} from '@turingpi/runtime';
import { LinuxImageBuilder } from '../image/linux-image-builder.js';
import { LinuxOsInstallerBuilder } from '../installer/linux-os-installer-builder.js';
import { LinuxPostInstallerBuilder } from '../post-install/linux-post-installer-builder.js';
import type { LinuxOsDriver, LinuxToolbox } from '../profile/linux-toolbox.js';

const BASE_IMAGES = resolve(import.meta.dirname, '../../../testkit/base-images');
export const RK1_UBUNTU = join(BASE_IMAGES, 'rk1-ubuntu.img.xz');
export const RPI_DEBIAN = join(BASE_IMAGES, 'rpi-debian.img.xz');

/** A board that keeps what is put onto it and prints what a test wants on its console. */
export class FakeBoard implements BoardDriver {
  readonly title = 'a board for tests';
  readonly strategies: readonly InstallationStrategy[] = [
    {
      id: 'flash',
      aliases: ['usual'],
      summary: 'keeps the digest',
      install: (request) => this.#install(request),
    },
    { id: 'other', summary: 'the same', install: (request) => this.#install(request) },
  ];
  /** Digests of the decompressed images that were installed. */
  readonly installed: {
    readonly sha256: string;
    readonly path: string;
  }[] = [];
  /** Whether installing reads the image; else the digest of the record is believed, which is faster. */
  readsImages = true;
  poweredOn = 0;
  /** What the console prints once it is followed. */
  console: readonly string[] = [];
  /** Lines typed on the console. */
  readonly typed: string[] = [];
  /** What the console prints upon a line. */
  answer: (line: string) => string | undefined = () => undefined;
  readonly #printed = new PassThrough({ encoding: 'utf8' });

  constructor(readonly id: string) {}

  async #install({ image, signal }: InstallationRequest): Promise<void> {
    const hash = createHash('sha256');
    if (this.readsImages) {
      const { stream } = await image.open('raw', signal);
      for await (const chunk of stream) hash.update(chunk as Uint8Array);
    }
    this.installed.push({ sha256: hash.digest('hex'), path: image.record.path });
  }

  powerOn(): Promise<void> {
    this.poweredOn += 1;
    return Promise.resolve();
  }
  powerOff(): Promise<void> {
    return Promise.resolve();
  }
  async *followConsole({ signal }: BoardOperation): AsyncIterable<string> {
    yield* this.console;
    const stop = (): void => void this.#printed.end();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    for await (const text of this.#printed) yield text as string;
  }
  sendConsoleLine(_operation: BoardOperation, line: string): Promise<void> {
    this.typed.push(line);
    const answer = this.answer(line);
    if (answer !== undefined) this.#printed.write(answer);
    return Promise.resolve();
  }
}

type Answer = (command: string) => Partial<CommandResult> | undefined;

/** An SSH runtime without a network: keeps targets and commands, and answers as a test says. */
export class FakeSsh implements SshRuntime {
  readonly targets: SshTarget[] = [];
  readonly commands: string[] = [];
  readonly files = new Map<string, { readonly content: string; readonly mode: number | undefined }>();
  reboots = 0;
  closed = 0;
  answer: Answer = () => undefined;
  /** Thrown instead of connecting; `wait` waits for the signal. */
  refusal: RuntimeError | 'wait' | ((target: SshTarget) => RuntimeError | undefined) | undefined;
  /** Users whose password was changed at a first login. */
  readonly changed: { readonly username: string; readonly password: string }[] = [];
  changeFailure: RuntimeError | undefined;

  async waitFor(target: SshTarget, { signal, onAttempt }: WaitForSshOptions): Promise<SshSession> {
    this.targets.push(target);
    const refusal = typeof this.refusal === 'function' ? this.refusal(target) : this.refusal;
    if (refusal instanceof RuntimeError && refusal.code === 'SSH_AUTH_REFUSED' && onAttempt)
      // As a real node: refuses for as long as it is asked.
      for (let attempt = 1; attempt <= 30; attempt += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        onAttempt({ attempt, code: refusal.code, message: refusal.message, elapsedMs: attempt * 1000 });
      }
    if (refusal === 'wait')
      await new Promise((_resolve, reject) => {
        const stop = (): void => reject(signal.reason as Error);
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      });
    else if (refusal) {
      await new Promise((resolve) => setImmediate(resolve)); // as any network would
      signal.throwIfAborted();
      throw refusal;
    }
    return this.#session(target);
  }

  connect(target: SshTarget, options: WaitForSshOptions): Promise<SshSession> {
    return this.waitFor(target, options);
  }

  reboot(_session: SshSession, target: SshTarget, options: WaitForSshOptions): Promise<SshSession> {
    this.reboots += 1;
    return this.waitFor(target, options);
  }

  changeExpiredPassword(target: SshTarget, { newPassword }: ChangePasswordOptions): Promise<void> {
    if (this.changeFailure) return Promise.reject(this.changeFailure);
    this.changed.push({ username: target.username, password: newPassword.reveal() });
    return Promise.resolve();
  }

  #session(target: SshTarget): SshSession {
    const unused = (): never => {
      throw new Error('not used by these tests');
    };
    return {
      username: target.username,
      place: `${target.username}@${target.host}`,
      hostKey: '',
      closed: new Promise(() => undefined),
      exec: (command, options = {}) => {
        const line = `${options.sudo === true ? 'sudo ' : ''}${typeof command === 'string' ? command : command.join(' ')}`;
        this.commands.push(line);
        const result = {
          exitCode: 0,
          stdout: '',
          stderr: '',
          signal: undefined,
          truncated: false,
          ...this.answer(line),
        };
        if (result.exitCode !== 0 && options.allowFailure !== true)
          return Promise.reject(new RuntimeError('COMMAND_FAILED', `${line} ended with ${result.exitCode}`));
        return Promise.resolve(result);
      },
      writeFile: (path, content, options = {}) => {
        this.files.set(path, { content: Buffer.from(content as string).toString(), mode: options.mode });
        return Promise.resolve();
      },
      upload: (local, path, options = {}) => {
        this.files.set(path, { content: local, mode: options.mode });
        return Promise.resolve();
      },
      readFile: (path) => Promise.resolve(Buffer.from(this.files.get(path)?.content ?? '')),
      openTerminal: unused,
      download: unused,
      [Symbol.asyncDispose]: () => {
        this.closed += 1;
        return Promise.resolve();
      },
    };
  }
}

/** A Linux OS driver over the real image engine and a given SSH runtime. */
function linuxDriver(id: 'ubuntu' | 'debian', ssh: SshRuntime): new () => LinuxOsDriver {
  return class implements LinuxOsDriver {
    readonly id = id;
    readonly title = id;
    readonly toolbox: LinuxToolbox = {
      profile: {
        id,
        distribution: id,
        firstUser: (image) =>
          image.family.startsWith('raspberry-pi-os')
            ? { name: 'pi', groups: ['sudo'], renames: 'pi' }
            : { name: id, groups: ['sudo'] },
        shippedLogin: (family) =>
          family === 'ubuntu-rockchip' ? { username: 'ubuntu', password: 'ubuntu' } : undefined,
      },
      engine: new BackendImageEngine(),
      ssh,
      local: new ProcessLocalRuntime(),
    };
    image(): ImageBuilder {
      return new LinuxImageBuilder(() => this.toolbox);
    }
    osInstaller(): OsInstallerBuilder {
      return new LinuxOsInstallerBuilder(() => this.toolbox);
    }
    postInstaller(): PostInstallerBuilder {
      return new LinuxPostInstallerBuilder(() => this.toolbox);
    }
  };
}

/** A board plugin's class over a board that the test can look at: the container makes drivers itself. */
function boardClass(board: FakeBoard): new () => BoardDriver {
  return class implements BoardDriver {
    readonly id = board.id;
    readonly title = board.title;
    readonly strategies = board.strategies;
    powerOn(): Promise<void> {
      return board.powerOn();
    }
    powerOff(): Promise<void> {
      return board.powerOff();
    }
    followConsole(operation: BoardOperation): AsyncIterable<string> {
      return board.followConsole(operation);
    }
    sendConsoleLine(operation: BoardOperation, line: string): Promise<void> {
      return board.sendConsoleLine(operation, line);
    }
  };
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
    return new TestCluster(await mkdtemp(join(tmpdir(), 'turingpi-linux-')), boardType);
  }

  /** A fresh cluster over the same directory: what a second start of the program sees. */
  async open(config: Partial<TuringPiConfig> = {}): Promise<TuringPi> {
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
          imagePlugin,
          definePlugin({
            name: 'test',
            os: [linuxDriver('ubuntu', ssh), linuxDriver('debian', ssh)],
            boards: [boardClass(board)],
          }),
        ],
        ...config,
      },
      { logger },
    );
    cluster.subscribe((event) => this.events.push(event));
    return cluster;
  }

  /** `phase:skipped image_customization` and its like, since the last call. */
  takePhaseEvents(): string[] {
    const taken = this.events
      .splice(0)
      .flatMap((event) =>
        'phase' in event && event.type !== 'phase:progress' ? [`${event.type.slice(6)} ${event.phase}`] : [],
      );
    return taken;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.cacheDir, { recursive: true, force: true });
  }
}
