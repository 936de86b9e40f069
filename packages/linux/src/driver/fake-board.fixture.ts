import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type {
  BoardDriver,
  BoardOperation,
  InstallationRequest,
  InstallationStrategy,
} from '@turingpi/provisioning';

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
  /** Thrown instead of installing. */
  failure: Error | undefined;
  /** Called before an image is read. */
  beforeRead: () => Promise<void> = () => Promise.resolve();
  poweredOn = 0;
  /** How often it was told that the boot of a node is over. */
  bootsEnded = 0;
  /** What the console prints once it is followed. */
  console: readonly string[] = [];
  /** What the board holds of the console from before. */
  held: () => Promise<string> = () => Promise.resolve('');
  /** Lines typed on the console. */
  readonly typed: string[] = [];
  /** What the console prints upon a line. */
  answer: (line: string) => string | undefined = () => undefined;
  readonly #printed = new PassThrough({ encoding: 'utf8' });

  constructor(readonly id: string) {}

  async #install({ node, image, signal, permit }: InstallationRequest): Promise<void> {
    await permit?.begin({ node: node.id, disk: 'emmc' });
    if (this.failure) throw this.failure;
    await this.beforeRead();
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
  bootEnded(): Promise<void> {
    this.bootsEnded += 1;
    return Promise.resolve();
  }
  async *followConsole({ signal }: BoardOperation): AsyncIterable<string> {
    yield* this.console;
    const stop = (): void => void this.#printed.end();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    for await (const text of this.#printed) yield text as string;
  }
  readConsole(): Promise<string> {
    return this.held();
  }
  sendConsoleLine(_operation: BoardOperation, line: string): Promise<void> {
    this.typed.push(line);
    const answer = this.answer(line);
    if (answer !== undefined) this.#printed.write(answer);
    return Promise.resolve();
  }
}

/** A board plugin's class over a board that the test can look at: the container makes drivers itself. */
export function boardClass(board: FakeBoard): new () => BoardDriver {
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
    bootEnded(): Promise<void> {
      return board.bootEnded();
    }
    followConsole(operation: BoardOperation): AsyncIterable<string> {
      return board.followConsole(operation);
    }
    readConsole(): Promise<string> {
      return board.readConsole();
    }
    sendConsoleLine(operation: BoardOperation, line: string): Promise<void> {
      return board.sendConsoleLine(operation, line);
    }
  };
}
