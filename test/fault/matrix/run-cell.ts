import { createHash } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FlashImage, UNKNOWN_NODES } from '@turingpi/bmc';
import { type ImageStream, NODE_IDS, type NodeId, withNamedNodes } from '@turingpi/foundation';
import type { VirtualBoard } from '@turingpi/virtual-board';
import {
  type BoardFixture,
  emmcBytes,
  FAST,
  installedEmmcs,
  permitFor,
  PromptMachine,
  startBoard,
  type TestImage,
} from '../../board/board-fixture.js';
import type { CellVerdict } from './cell-verdict.js';
import type { Fault } from './faults.js';
import { type Moment, MomentWatch } from './moments.js';
import { OtherDisks } from './other-disks.js';

/** The longest that a flash may take with these limits, whatever goes wrong. */
const LIMIT_MS = 60_000;
const EMMC_BYTES_PER_SECOND = 16 << 20;
/** The client's limits where a standstill is the fault, and where a busy machine must not look like one. */
const LIMITS = { short: limits(3000), long: limits(20_000) };
const TARGET = 2;
const UNPROVEN = 'BMC_FLASH_TARGET_UNPROVEN';
/** No node answers over the network: what runs on one shows it on its console, or not at all. */

/** Flashes once with a fault at a moment, judges, repairs the board, and flashes the next image. */
export async function runCell(
  fault: Fault,
  moment: Moment,
  image: TestImage,
  next: TestImage,
  certificateDir: string,
): Promise<CellVerdict> {
  await using fixture = await boardWith(certificateDir, fault);
  const { board } = fixture;
  const others = await OtherDisks.of(board, TARGET);
  const wrong: string[] = [];
  const repairs: (() => unknown)[] = [];
  const abort = new AbortController();
  const source = new SpoiledSource(image);
  let sentBytes = 0;
  let happened = false;
  const watch = new MomentWatch(moment, image.raw.length);
  const happen = async (): Promise<void> => {
    happened = true;
    await fault.happen({
      board,
      ours: () => fixture.client(LIMITS.long),
      sentBytes: () => sentBytes,
      passedBytes: () => passedBytes(board.transferStatus),
      abort: () => abort.abort(new Error('aborted by the user')),
      spoilSource: (how) => (source.spoiled = how),
      defer: (repair) => repairs.push(repair),
    });
  };
  if (moment === 'before start') await happen();
  const started = performance.now();
  let watching = true;
  const isWatching = (): boolean => watching && !happened;
  const observer = (async () => {
    while (isWatching()) {
      if (watch.hasCome(board.transferStatus)) await happen();
      else await sleep(2);
    }
  })();
  const client = fixture.client(LIMITS[fault.stands === true ? 'short' : 'long']);
  const flashing = client
    .flashNode({
      node: TARGET,
      image: source,
      otherNodes: UNKNOWN_NODES,
      signal: abort.signal,
      permit: permitFor(TARGET, async () => {
        if (moment === 'start') await happen();
      }),
      progress: ({ activity, done = 0 }) => activity === 'upload' && (sentBytes = done),
    })
    .then(
      () => ({ outcome: 'flashed', error: undefined }),
      (cause: unknown) => ({
        outcome: codeOf(cause),
        error: cause as Error & { details?: Record<string, unknown> },
      }),
    );
  const timeout = sleep(LIMIT_MS).then(() => undefined);
  const ended = await Promise.race([flashing, timeout]);
  const durationMs = performance.now() - started;
  watching = false;
  await observer;
  if (!ended)
    return {
      ...{ outcome: 'hangs', durationMs, happened, wrongModules: [], namedModules: [] },
      wrong: [`no end after ${LIMIT_MS} ms`],
    };

  if (ended.outcome === 'flashed' && !(await holdsImage(fixture, image)))
    wrong.push('success with wrong bytes');
  if (ended.outcome === 'other error') wrong.push(`an error without a code: ${String(ended.error)}`);
  await sleep(60); // a worker that cleans up late must not switch the node on again
  const details = ended.error?.details;
  const saysOff = ended.outcome === 'flashed' || details?.['nodeOff'] === true || ended.outcome === 'aborted';
  if (saysOff && board.nodes[TARGET - 1]!.powered) wrong.push('node on although it should be off');
  const saysRestored =
    ended.outcome === 'flashed' || details?.['usbRestored'] === true || ended.outcome === 'aborted';
  if (saysRestored && routeOf(board.pinLog) === 'Bmc') wrong.push('USB still leads to the BMC');
  const isOurs = ended.outcome !== 'BMC_FLASH_BUSY' && details?.['nodeOff'] === undefined;
  const silent = !saysOff && isOurs && board.nodes[TARGET - 1]!.powered;
  if (silent) wrong.push('node on and the error does not say so');
  const written = await others.changed();
  const named = ended.outcome === UNPROVEN ? (details?.['nodes'] as readonly NodeId[]) : [];
  const namedModules = written.filter((id) => named.includes(id));
  const wrongModules = written.filter((id) => !named.includes(id));
  const cut = othersCutBy('root', board);
  // A module that another client put in the way may be written: it is a column of its own.
  for (const { what, node } of board.findings)
    if (what !== 'write' || node === TARGET) wrong.push(`unapproved ${what} of node ${node}`);
  if (cut.length > 0) wrong.push(`power of another node cut: ${cut.join(', ')}`);

  if (moment === 'after') await happen();
  board.setFaults({});
  source.spoiled = undefined;
  for (const repair of repairs) await repair();
  const before = await OtherDisks.of(board, TARGET);
  wrong.push(...(await runAgain(fixture, next)));
  wrongModules.push(...(await before.changed()));
  wrong.push(...wrongModules.map((id) => `node ${id} was written`));
  return { outcome: ended.outcome, durationMs, happened, wrongModules, namedModules, wrong };
}

/** After the repair everything works again, by itself. */
async function runAgain(
  fixture: BoardFixture,
  image: TestImage,
  mayRefuse = true,
): Promise<readonly string[]> {
  const client = fixture.client(LIMITS.long);
  try {
    await client.flashNode({
      node: TARGET,
      image,
      otherNodes: UNKNOWN_NODES,
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const usb = await client.usb.get();
    const power = await client.power.get();
    return [
      ...((await holdsImage(fixture, image)) ? [] : ['second run: wrong bytes']),
      ...(usb.mode === 'device' && usb.node === 1 && usb.route === 'port'
        ? []
        : ['second run: USB mode changed']),
      ...(power[TARGET] === 'off' ? [] : ['second run: node on']),
    ];
  } catch (cause) {
    // Another client left a module on that shows no system: refused by name, and the way out that is named works.
    const left = (cause as { details?: { nodes?: readonly NodeId[] } }).details?.nodes;
    if (mayRefuse && codeOf(cause) === 'BMC_FLASH_OTHER_NODES_ON' && left !== undefined) {
      await withNamedNodes(left, 'refusal', async () => {
        for (const node of left) await client.power.off(node);
      });
      return runAgain(fixture, image, false);
    }
    return [`second run: ${codeOf(cause)} ${(cause as Error).message}`];
  }
}

function limits(standstillMs: number) {
  return {
    flashTimings: {
      ...FAST.flashTimings,
      stallMs: standstillMs,
      flushStallMs: standstillMs,
      recoveryMs: 6000,
      cleanupMs: 2000,
    },
    transportTimings: { connectMs: 10_000, answerMs: 300, busyMs: standstillMs },
  };
}

async function boardWith(
  certificateDir: string,
  { profile = 'bmcd-2.3.7', systems }: Fault,
): Promise<BoardFixture> {
  const fixture = await startBoard({
    profile,
    judge: {}, // its findings belong to the cell
    ...(systems && {
      boardRevision: systems.revision,
      nodes: NODE_IDS.map((id) => ({ board: systems.cm4.includes(id) ? 'cm4' : 'rk1' }) as const),
      createMachine: (options) => Promise.resolve(new PromptMachine(options, systems.silentMs)),
    }),
    clock: { scale: 50 },
    emmcBytesPerSecond: EMMC_BYTES_PER_SECOND,
    networkBytesPerSecond: EMMC_BYTES_PER_SECOND, // so that the upload lasts as long as the writing
    emmcSizeBytes: 32 << 20,
    prepareDir: async (dir) => {
      await mkdir(dir, { recursive: true });
      for (const name of ['bmc-key.pem', 'bmc-certificate.pem']) {
        await copyFile(path.join(certificateDir, name), path.join(dir, name));
      }
      await installedEmmcs(dir, systems?.installed ?? []);
    },
  });
  for (const id of systems?.running ?? []) await fixture.board.switchPower(id, true);
  // The BMC tells whole seconds: a node that runs has been on for more than the one in which it is switched off and on.
  if (systems && systems.running.length > 0) await sleep(2100);
  return fixture;
}

/** An image whose stream fails or ends from the moment it is told to. */
class SpoiledSource implements FlashImage {
  spoiled: 'fails' | 'ends' | undefined;
  readonly format;

  constructor(private readonly image: TestImage) {
    this.format = image.format;
  }

  async open(format: 'xz' | 'raw', signal: AbortSignal): Promise<ImageStream> {
    const opened = await this.image.open(format, signal);
    const chunks = opened.stream as AsyncIterable<Buffer>;
    const spoil = () => this.spoiled;
    async function* spoilable(): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        if (spoil() === 'fails') throw new Error('the disk with the image is gone');
        if (spoil() === 'ends') return;
        yield chunk;
      }
    }
    return { ...opened, stream: Readable.from(spoilable(), { objectMode: false, highWaterMark: 65536 }) };
  }
}

async function holdsImage({ board }: BoardFixture, { raw }: TestImage): Promise<boolean> {
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  return digest(await emmcBytes(board, TARGET, raw.length)) === digest(raw);
}

/** The other nodes whose power a client has cut by a request. */
function othersCutBy(client: string, { pinChanges }: VirtualBoard): readonly NodeId[] {
  const cuts = pinChanges.filter((change) => change.client === client && change.cause === 'request');
  return NODE_IDS.filter((id) => id !== TARGET && cuts.some(({ line }) => line === `power node${id} 0`));
}

function passedBytes(statusText: string): number {
  const status = JSON.parse(statusText) as { Transferring?: { bytes_written: number } } | string;
  return typeof status === 'object' ? (status.Transferring?.bytes_written ?? 0) : 0;
}

function routeOf(pinLog: readonly string[]): string | undefined {
  return pinLog.findLast((line) => line.startsWith('usb_route'))?.split(' ')[1];
}

function codeOf(cause: unknown): string {
  const { code, message } = cause as { code?: unknown; message?: string };
  if (message === 'aborted by the user') return 'aborted';
  return typeof code === 'string' && /^[A-Z]+_/.test(code) ? code : 'other error';
}
