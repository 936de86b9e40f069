import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BmcError, BoardApi, ConsoleApi, PowerApi, TransferApi, UsbApi } from '@turingpi/bmc';
import { approveErasure, type NodeId, silentLogger } from '@turingpi/foundation';
import { BareBoard, type BoardFaults, type VirtualBoardOptions } from '@turingpi/virtual-board';
import { BootingNodes } from '../../packages/bmc/src/flash/booting-nodes.js';
import type { FlashApis } from '../../packages/bmc/src/flash/flash-apis.js';
import { FlashJob } from '../../packages/bmc/src/flash/flash-job.js';
import { FlashLock } from '../../packages/bmc/src/flash/flash-lock.js';
import { TransferJournal } from '../../packages/bmc/src/flash/transfer-journal.js';
import { installedEmmcs, PromptMachine, type TestImage } from './board-fixture.js';

export const BARE_TARGET = 2;
const OTHERS = [1, 3, 4] as const;
const TIMINGS = {
  ...{
    pollMs: 1,
    stallMs: 1500,
    flushStallMs: 1500,
    gapMs: 10,
    cleanupMs: 60,
    settleMs: 4,
    recoveryMs: 3000,
  },
  ...{ retryDelayMs: 1, abandonedMs: 15, answerMs: 5, answerPollMs: 1, typeAfterMs: 0, bootMs: 50 },
};

/** Where a flash of ours is when it sends a request. */
export interface BareMoment {
  /** Counted from our first request. */
  readonly request: number;
  /** Counted from the first request after our transfer had ended, or after we were told to stop; undefined before. */
  readonly afterEnd: number | undefined;
}

/** A flash of node 2 against a board without a network, and who interferes. */
export interface BareFlash {
  /** Of its own: it is kept. */
  readonly home: string;
  readonly image: TestImage;
  readonly revision: NonNullable<VirtualBoardOptions['boardRevision']>;
  readonly faults?: BoardFaults;
  /** We are told to stop when this much of the upload was sent, from 0 to 1. */
  readonly stopsAt?: number;
  /** Called directly before each request of ours. */
  readonly before: (moment: BareMoment, board: BareBoard, stop: () => void) => Promise<void> | void;
}

/** What came of it. */
export interface BareOutcome {
  /** `flashed`, `aborted`, or the code of the error. */
  readonly outcome: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** What we changed under another client's transfer, unless it began after our look and before that very request. */
  readonly complaints: readonly string[];
  readonly targetHoldsImage: boolean;
  /** Other modules that hold our image. */
  readonly written: readonly NodeId[];
  readonly targetOn: boolean;
  readonly requestsAfterEnd: number;
}

/**
 * Flashes node 2 of a board that holds a system on each module; requests are calls, one after the other.
 *
 * @remarks
 * The BMC checks no fence, so what lies between a look and the request that follows it cannot be seen by anybody: a
 * transfer that begins there is the one that may be hit, and by that one request only.
 */
export async function bareFlash(flash: BareFlash): Promise<BareOutcome> {
  const { home, image, revision, faults = {}, stopsAt, before } = flash;
  const boardDir = path.join(home, 'board');
  await installedEmmcs(boardDir, OTHERS);
  await using board = await BareBoard.create(boardDir, {
    boardRevision: revision,
    foreign: ['other'],
    judge: {}, // what it finds is among the complaints
    clock: { scale: 100_000 },
    emmcSizeBytes: 1 << 20,
    createMachine: (options) => Promise.resolve(new PromptMachine(options)),
    faults,
  });
  const abort = new AbortController();
  const complaints: string[] = [];
  const changesOfStart = board.pinChanges.length;
  let request = 0;
  let isStarted = false;
  let endedAt: number | undefined;
  let look: 'free' | 'foreign' | undefined;

  const stop = (): void => {
    abort.abort(new Error('stopped'));
    endedAt ??= request;
  };
  const send = async (name: string, target: string) => {
    const number = request++;
    await before(
      { request: number, afterEnd: endedAt === undefined ? undefined : number - endedAt },
      board,
      stop,
    );
    const others = board.living === 'other';
    const changesBefore = board.pinChanges.length;
    const reply = await board.request('ours', target);
    const touched = board.pinChanges
      .slice(changesBefore)
      .filter(({ client, cause, living }) => client === 'ours' && cause === 'request' && living === 'other');
    const hits = others && (touched.length > 0 || name === 'set flash' || name === 'cancel transfer');
    if (hits && look !== 'free')
      complaints.push(`${name}: ${touched.map(({ line }) => line).join(', ')} after ${look ?? 'no look'}`);
    const isLook = name === 'get flash';
    look = isLook ? (others ? 'foreign' : 'free') : undefined;
    isStarted ||= name === 'set flash';
    if (isStarted && isLook && !reply.body.includes('Transferring')) endedAt ??= request;
    return { ...reply, headers: {} };
  };
  const job = new FlashJob(
    {
      ...{ node: BARE_TARGET, image, signal: abort.signal },
      permit: approveErasure({ node: BARE_TARGET }, undefined),
    },
    {
      ...{
        apis: apisOf(board, send, stopsAt === undefined ? undefined : { at: stopsAt, stop }),
        timings: TIMINGS,
        logger: silentLogger,
      },
      lock: new FlashLock(path.join(home, 'files.lock')),
      journal: new TransferJournal(path.join(home, 'files.json')),
      booting: new BootingNodes(path.join(home, 'files')),
    },
  );
  const { outcome, details } = await job.run().then(
    () => ({ outcome: 'flashed', details: {} }),
    (cause: unknown) => {
      if (BmcError.is(cause)) return { outcome: cause.code, details: cause.details };
      if (!abort.signal.aborted) complaints.push(`an error without a code: ${String(cause)}`);
      return { outcome: 'aborted', details: {} };
    },
  );
  for (const { client, line } of board.pinChanges.slice(changesOfStart))
    if (client !== 'ours' && client !== 'other') complaints.push(`${line} by ${client}, who was never asked`);
  // A module that the other client put in the way may be written: that is told apart.
  for (const { what, node } of board.findings)
    if (what !== 'write' || node === BARE_TARGET) complaints.push(`unapproved ${what} of node ${node}`);
  return {
    ...{ outcome, details, complaints },
    targetHoldsImage: await holds(boardDir, BARE_TARGET, image.raw),
    written: await whereMarked(boardDir, image.raw),
    targetOn: board.isPowered(BARE_TARGET),
    requestsAfterEnd: endedAt === undefined ? 0 : request - endedAt,
  };
}

function apisOf(
  board: BareBoard,
  send: (name: string, target: string) => Promise<{ readonly status: number; readonly body: string }>,
  stopping: { readonly at: number; readonly stop: () => void } | undefined,
): FlashApis {
  const session = {
    call: (call: { readonly name: string; readonly path: string; readonly signal?: AbortSignal }) => {
      call.signal?.throwIfAborted();
      return send(call.name, call.path);
    },
  } as unknown as ConstructorParameters<typeof PowerApi>[0];
  return {
    board: new BoardApi(session),
    console: new ConsoleApi(session),
    power: new PowerApi(session),
    usb: new UsbApi(session),
    transfer: new (class extends TransferApi {
      override async upload(
        ...[handle, { stream, lengthBytes }, { signal }]: Parameters<TransferApi['upload']>
      ): Promise<void> {
        const chunks = stopped(stream as AsyncIterable<Buffer>, lengthBytes, stopping);
        if (!(await board.upload(handle, chunks, signal ?? new AbortController().signal)))
          throw new BmcError('BMC_FLASH_INTERRUPTED', 'the upload was not taken');
      }
    })(session),
    capabilities: () =>
      Promise.resolve({
        ...{ bmcdVersion: '2.3.7', profile: '2.3.7' },
        ...{ decodesXz: true, checksSha256: true, flashesFromUrl: true, consoleKeepsHistory: true },
        ...{ cooling: true, nodeNotes: true, currentUsbModes: true },
      } as Awaited<ReturnType<FlashApis['capabilities']>>),
  };
}

async function* stopped(
  chunks: AsyncIterable<Buffer>,
  lengthBytes: number,
  stopping: { readonly at: number; readonly stop: () => void } | undefined,
): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of chunks) {
    if (stopping && sent >= stopping.at * lengthBytes) stopping.stop();
    yield chunk;
    sent += chunk.length;
  }
}

async function holds(boardDir: string, node: NodeId, raw: Buffer): Promise<boolean> {
  const held = (await readFile(path.join(boardDir, `node${node}.emmc`))).subarray(0, raw.length);
  return digest(held) === digest(raw);
}

/** The other modules with bytes that only the image has. */
async function whereMarked(boardDir: string, raw: Buffer): Promise<readonly NodeId[]> {
  const mark = raw.subarray(0, 64);
  const found: NodeId[] = [];
  for (const id of OTHERS)
    if ((await readFile(path.join(boardDir, `node${id}.emmc`))).includes(mark)) found.push(id);
  return found;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
