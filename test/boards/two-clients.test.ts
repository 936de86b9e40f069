import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BmcError, ConsoleApi, PowerApi, TransferApi, UsbApi, BoardApi } from '@turingpi/bmc';
import { approveErasure, type NodeId, silentLogger } from '@turingpi/core/plugin';
import { BareBoard } from '@turingpi/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BootingNodes } from '../../packages/bmc/src/flash/booting-nodes.js';
import type { FlashApis } from '../../packages/bmc/src/flash/flash-apis.js';
import { FlashJob } from '../../packages/bmc/src/flash/flash-job.js';
import { FlashLock } from '../../packages/bmc/src/flash/flash-lock.js';
import { TransferJournal } from '../../packages/bmc/src/flash/transfer-journal.js';
import { installedEmmcs, PromptMachine, rawImage } from './board-fixture.js';

const SCHEDULES = 500;
const AT_ONCE = 20;
const TARGET = 2;
const image = rawImage(96 * 1024);
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

/** Something that the other client does, directly before a request of ours; counted from our first. */
interface Move {
  readonly before: number;
  readonly does: 'start' | 'finish' | 'cancel' | 'power off' | 'USB boot';
  readonly node: NodeId;
}
interface Schedule {
  readonly revision: 'v2.4' | 'v2.5';
  readonly moves: readonly Move[];
  /** What goes wrong with our own flash meanwhile. */
  readonly trouble: 'none' | 'not-found' | 'corrupt' | 'abort';
  readonly abortBefore: number;
}

const node = fc.constantFrom<NodeId>(1, 2, 3, 4);
const move: fc.Arbitrary<Move> = fc.record({
  before: fc.nat(45),
  does: fc.constantFrom('start', 'start', 'start', 'finish', 'cancel', 'power off', 'USB boot'),
  node,
});
const schedule: fc.Arbitrary<Schedule> = fc.record({
  revision: fc.constantFrom('v2.4', 'v2.5'),
  moves: fc.array(move, { minLength: 1, maxLength: 5 }),
  trouble: fc.constantFrom('none', 'not-found', 'corrupt', 'abort'),
  abortBefore: fc.nat(25),
});

let dir: string;
beforeAll(async () => void (dir = await mkdtemp(path.join(tmpdir(), 'two-clients-'))));
afterAll(() => rm(dir, { recursive: true, force: true }));

/**
 * The BMC checks no fence, so what lies between a look and the request that follows it cannot be seen by anybody: a
 * transfer that begins there is the one that may be hit, and by that one request only.
 */
test(
  `${SCHEDULES} schedules: nothing of ours is changed under another client's transfer`,
  { timeout: 300_000 },
  async () => {
    const schedules = fc.sample(schedule, { numRuns: SCHEDULES, seed: 20261128 });
    const verdicts: (readonly string[])[] = [];
    const outcomes = new Map<string, number>();
    const next = schedules.entries();
    const worker = async (): Promise<void> => {
      for (const [index, one] of next) {
        const { complaints, outcome } = await play(one, path.join(dir, String(index)));
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (complaints.length > 0) verdicts.push([JSON.stringify(one), outcome, ...complaints]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect(verdicts).toEqual([]);
    expect(outcomes.get('flashed') ?? 0).toBeGreaterThan(50); // and the schedules are not all hopeless
    expect(outcomes.get('BMC_FLASH_BUSY') ?? 0).toBeGreaterThan(10);
  },
);

async function play(
  { revision, moves, trouble, abortBefore }: Schedule,
  home: string,
): Promise<{ readonly complaints: readonly string[]; readonly outcome: string }> {
  const boardDir = path.join(home, 'board');
  await installedEmmcs(boardDir, [1, 3, 4]);
  await using board = await BareBoard.create(boardDir, {
    boardRevision: revision,
    clock: { scale: 100_000 },
    emmcSizeBytes: 1 << 20,
    createMachine: (options) => Promise.resolve(new PromptMachine(options)),
    faults:
      trouble === 'not-found' ? { bringUp: 'not-found' } : trouble === 'corrupt' ? { corruptEmmcAt: 5 } : {},
  });
  const abort = new AbortController();
  const complaints: string[] = [];
  let sent = 0;
  let look: 'free' | 'foreign' | undefined;

  const request = async (name: string, target: string) => {
    const number = sent++;
    for (const one of moves) if (one.before === number) await makeMove(board, one);
    if (trouble === 'abort' && number === abortBefore) abort.abort(new Error('stopped'));
    const isLook = name === 'get flash';
    const others = board.living === 'other';
    const changesBefore = board.pinChanges.length;
    const reply = await board.request('ours', target);
    const touched = board.pinChanges
      .slice(changesBefore)
      .filter(({ client, cause, living }) => client === 'ours' && cause === 'request' && living === 'other');
    const hits = others && (touched.length > 0 || name === 'set flash' || name === 'cancel transfer');
    if (hits && look !== 'free')
      complaints.push(`${name}: ${touched.map(({ line }) => line).join(', ')} after ${look ?? 'no look'}`);
    look = isLook ? (others ? 'foreign' : 'free') : undefined;
    return { ...reply, headers: {} };
  };
  const session = {
    call: (call: { readonly name: string; readonly path: string; readonly signal?: AbortSignal }) => {
      call.signal?.throwIfAborted();
      return request(call.name, call.path);
    },
  } as unknown as ConstructorParameters<typeof PowerApi>[0];
  const apis: FlashApis = {
    board: new BoardApi(session),
    console: new ConsoleApi(session),
    power: new PowerApi(session),
    usb: new UsbApi(session),
    transfer: new (class extends TransferApi {
      override async upload(
        ...[handle, { stream }, { signal }]: Parameters<TransferApi['upload']>
      ): Promise<void> {
        const chunks = stream as AsyncIterable<Buffer>;
        if (!(await board.upload(handle, chunks, signal ?? new AbortController().signal)))
          throw new BmcError('BMC_FLASH_INTERRUPTED', 'the upload was not taken');
      }
    })(session),
    capabilities: () =>
      Promise.resolve({
        ...{
          bmcdVersion: '2.3.7',
          profile: '2.3.7',
          decodesXz: true,
          checksSha256: true,
          flashesFromUrl: true,
        },
        ...{ consoleKeepsHistory: true, cooling: true, nodeNotes: true, currentUsbModes: true },
      } as Awaited<ReturnType<FlashApis['capabilities']>>),
  };
  const files = path.join(home, 'files');
  const job = new FlashJob(
    { node: TARGET, image, signal: abort.signal, permit: approveErasure({ node: TARGET }, undefined) },
    {
      ...{ apis, timings: TIMINGS, logger: silentLogger, lock: new FlashLock(`${files}.lock`) },
      ...{ journal: new TransferJournal(`${files}.json`), booting: new BootingNodes(files) },
    },
  );
  const outcome = await job.run().then(
    () => 'flashed',
    (cause: unknown) =>
      BmcError.is(cause) ? cause.code : abort.signal.aborted ? 'aborted' : `odd: ${String(cause)}`,
  );
  if (outcome.startsWith('odd')) complaints.push(outcome);
  const overwritten = await Promise.all(
    [1, 3, 4].map(async (id) =>
      (await readFile(path.join(boardDir, `node${id}.emmc`), 'latin1')).includes(MARK),
    ),
  );
  const finishedByOther = moves.some(({ does }) => does === 'finish');
  if (outcome === 'flashed') {
    const held = (await readFile(path.join(boardDir, `node${TARGET}.emmc`))).subarray(0, image.raw.length);
    if (digest(held) !== digest(image.raw) && !finishedByOther)
      complaints.push('success without the image on the target');
    if (overwritten.includes(true)) complaints.push('success, and another module holds our image');
  }
  return { complaints, outcome };
}

/** Where our image is, these bytes of it are. */
const MARK = image.raw.subarray(0, 64).toString('latin1');

async function makeMove(board: BareBoard, { does, node: id }: Move): Promise<void> {
  switch (does) {
    case 'start':
      await board.request('other', `/api/bmc?opt=set&type=flash&node=${id - 1}&file=other.img&length=4096`);
      return;
    case 'finish': {
      const status = JSON.parse((await board.request('other', '/api/bmc?opt=get&type=flash')).body) as {
        readonly Transferring?: { readonly id: number };
      };
      if (board.living === 'other' && status.Transferring)
        await board
          .upload(status.Transferring.id, [Buffer.alloc(4096, 'other')], AbortSignal.timeout(1000))
          .catch(() => undefined);
      return;
    }
    case 'cancel':
      if (board.living === 'other') await board.request('other', '/api/bmc/upload/0/cancel');
      return;
    case 'power off':
      await board.request('other', `/api/bmc?opt=set&type=power&node${id}=0`);
      return;
    case 'USB boot':
      if (board.living === undefined) await board.enterUsbBoot('other', id);
  }
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
