import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import {
  type BmcClientOptions,
  type FlashImage,
  type FlashRequest,
  type FlashResult,
  HttpsBmcClient,
} from '@turingpi/bmc';
import {
  approveErasure,
  CleanupStack,
  type ErasePermit,
  type Logger,
  type NodeId,
  Secret,
  silentLogger,
} from '@turingpi/foundation';
import type { NodeMachine, NodeMachineOptions } from '@turingpi/virtual-node';
import { startVirtualBoard, type VirtualBoard, type VirtualBoardOptions } from '@turingpi/virtual-board';

/** The board's work is this much faster than on hardware; limits it puts on clients stay as they are. */
export const SCALE = 100;

/** Limits of the client that fit {@link SCALE}. */
export const FAST: Pick<BmcClientOptions, 'flashTimings' | 'transportTimings'> = {
  flashTimings: {
    pollMs: 15,
    stallMs: 8000,
    flushStallMs: 10_000,
    gapMs: 1000,
    cleanupMs: 3000,
    settleMs: 120,
    recoveryMs: 10_000,
    retryDelayMs: 150,
    abandonedMs: 400,
    answerMs: 150,
    answerPollMs: 10,
    typeAfterMs: 0, // the board's seconds are short, its counters are not
    bootMs: 20_000,
  },
  transportTimings: { connectMs: 10_000, answerMs: 400, busyMs: 10_000 },
};

/** A virtual board with everything that a test needs around it. */
export interface BoardFixture extends AsyncDisposable {
  readonly board: VirtualBoard;
  /** Also for further clients: its cache and lock directories. */
  readonly dir: string;
  /** Another client of the board, with a cache of its own unless told otherwise; it trusts the board's key. */
  client(options?: Partial<BmcClientOptions>): ApprovingClient;
}

/** Starts a virtual board whose clock runs fast; `prepareDir` may put files into its directory before. */
export async function startBoard({
  prepareDir,
  ...options
}: VirtualBoardOptions & {
  readonly prepareDir?: (dir: string) => Promise<void>;
} = {}): Promise<BoardFixture> {
  const stack = new CleanupStack();
  const dir = await mkdtemp(path.join(tmpdir(), 'boards-'));
  stack.defer('directory', () => rm(dir, { recursive: true, force: true }));
  const boardDir = path.join(dir, 'board');
  await prepareDir?.(boardDir);
  const board = stack.use(
    'board',
    await startVirtualBoard({ clock: { scale: SCALE }, emmcSizeBytes: 64 << 20, dir: boardDir, ...options }),
  );
  return {
    board,
    dir,
    client: (given = {}) => {
      const client = new HttpsBmcClient({
        endpoint: {
          host: board.https.host,
          port: board.https.port,
          httpPort: board.http?.port ?? 1,
          metricsPort: board.metrics?.port ?? 1,
        },
        credentials: { username: 'root', password: new Secret('turing') },
        pins: { publicKeyPin: board.publicKeyPin },
        cacheDir: path.join(dir, 'cache'),
        lockDir: path.join(dir, 'locks'),
        trustDir: path.join(dir, 'config'),
        logger: silentLogger,
        ...FAST,
        ...given,
      });
      return stack.use('client', withPermit(client));
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** A client whose tests are about flashing, not about who approves it: every flash is. */
export type ApprovingClient = HttpsBmcClient & {
  flashNode(request: Omit<FlashRequest, 'permit'> & Partial<FlashRequest>): Promise<FlashResult>;
};

/** The right to erase a node, as the ledger that judges has it. */
export function permitFor(node: NodeId, onBegin?: () => Promise<void>): ErasePermit {
  return approveErasure({ node }, undefined, onBegin);
}

function withPermit(client: HttpsBmcClient): ApprovingClient {
  const flashNode = client.flashNode.bind(client);
  return Object.assign(client, {
    flashNode: (request: Omit<FlashRequest, 'permit'> & Partial<FlashRequest>) =>
      flashNode({ permit: permitFor(request.node), ...request }),
  });
}

/**
 * A node that boots nothing: after a while it prints a kernel's line, and from then on answers on its console. One whose
 * storage is blank has nothing to boot and stays silent.
 */
export class PromptMachine implements NodeMachine {
  readonly ssh;
  #up: NodeJS.Timeout | undefined;
  #answers = false;

  /** @param silentMs - how long it prints nothing after it was switched on */
  constructor(
    private readonly options: NodeMachineOptions,
    private readonly silentMs = 0,
  ) {
    this.ssh = options.ssh;
  }

  async powerOn(): Promise<void> {
    const storage = await readFile(this.options.emmcPath);
    if (storage.every((byte) => byte === 0)) return;
    this.options.onConsole('U-Boot 2017.09 (Mar 01 2024 - 12:00:00 +0000)\r\n');
    this.#up = setTimeout(() => {
      this.#answers = true;
      this.options.onConsole('[    0.000000] Linux version 6.1.0\r\nnode login: ');
    }, this.silentMs);
  }

  powerOff(): Promise<void> {
    clearTimeout(this.#up);
    this.#answers = false;
    return Promise.resolve();
  }

  sendConsole(): void {
    if (this.#answers) this.options.onConsole('\r\nnode login: ');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.powerOff();
  }
}

/** Puts something that is no zeros on eMMCs, so that their modules do not fall into USB boot by themselves. */
export async function installedEmmcs(dir: string, nodes: readonly NodeId[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const id of nodes) await writeFile(path.join(dir, `node${id}.emmc`), `what node ${id} holds`);
}

/** An image in memory. */
export interface TestImage extends FlashImage {
  /** Decompressed. */
  readonly raw: Buffer;
  readonly sent: Buffer;
  /** How often it was opened. */
  readonly opened: { count: number };
}

/** Half noise, half zeros, as images are. */
export function imageBytes(size: number): Buffer {
  const raw = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1 << 16) {
    if ((at >> 16) % 2 === 0) randomBytes(Math.min(1 << 16, size - at)).copy(raw, at);
  }
  return raw;
}

/** A raw image of this size in bytes. */
export function rawImage(size: number): TestImage {
  const raw = imageBytes(size);
  const opened = { count: 0 };
  return {
    format: 'raw',
    raw,
    sent: raw,
    opened,
    open: () => openedStream(raw, 'raw', raw.length, undefined, opened),
  };
}

/** An xz image, made by the system's `xz`; `dictionaryBytes` is what is claimed about it. */
export function xzImage(size: number, { preset = '-3', dictionaryBytes = 4 << 20 } = {}): TestImage {
  const raw = imageBytes(size);
  const sent = execFileSync('xz', ['-c', preset, '--block-size=262144'], { input: raw, maxBuffer: 1 << 30 });
  const opened = { count: 0 };
  return {
    format: 'xz',
    raw,
    sent,
    opened,
    open: (format) =>
      format === 'xz'
        ? openedStream(sent, 'xz', raw.length, dictionaryBytes, opened)
        : openedStream(raw, 'raw', raw.length, undefined, opened),
  };
}

const digests = new WeakMap<Buffer, string>();

/** Computed once per image: it is opened many times. */
function digestOf(bytes: Buffer): string {
  let digest = digests.get(bytes);
  if (digest === undefined) digests.set(bytes, (digest = createHash('sha256').update(bytes).digest('hex')));
  return digest;
}

function openedStream(
  bytes: Buffer,
  format: 'xz' | 'raw',
  rawSizeBytes: number,
  dictionaryBytes: number | undefined,
  opened: { count: number },
) {
  opened.count++;
  const chunks = Array.from({ length: Math.ceil(bytes.length / 65536) }, (_, i) =>
    bytes.subarray(i << 16, (i + 1) << 16),
  );
  return Promise.resolve({
    stream: Readable.from(chunks, { objectMode: false }),
    format,
    lengthBytes: bytes.length,
    sha256: digestOf(bytes),
    rawSizeBytes,
    dictionaryBytes,
  });
}

/** The first bytes of a node's eMMC. */
export async function emmcBytes(board: VirtualBoard, node: NodeId, length: number): Promise<Buffer> {
  const file = await open(board.nodes[node - 1]!.emmc!, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A logger that keeps everything it is told, as text. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const add =
    (bindings: object) =>
    (fields: object, message: string): void =>
      void lines.push(`${message} ${JSON.stringify({ ...bindings, ...fields }, errorsToo)}`);
  const make = (bindings: object): Logger => ({
    debug: add(bindings),
    info: add(bindings),
    warn: add(bindings),
    error: add(bindings),
    child: (more) => make({ ...bindings, ...more }),
  });
  return { logger: make({}), lines };
}

function errorsToo(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return {
    message: value.message,
    stack: value.stack,
    cause: value.cause,
    ...Object.fromEntries(Object.entries(value)),
  };
}
