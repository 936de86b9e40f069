import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { FileStateStore } from '@turingpi/core';
import { approveErasure, type Progress, type NodeId } from '@turingpi/foundation';
import { describe, expect, test } from 'vitest';
import { type BoardFixture, emmcBytes, FAST, rawImage, startBoard, type TestImage } from './board-fixture.js';

const MB = 1 << 20;
const SPEED = { emmcBytesPerSecond: 4 * MB };
const CHILD = path.join(import.meta.dirname, 'flash-child.js');

/** A line of the process: progress, in the end its result or the code of its error. */
type Told = Progress & { result?: unknown; code?: string };

interface Flashing {
  readonly process: ChildProcess;
  /** Resolves with the first line that fits. */
  readonly line: (fits: (line: Told) => boolean) => Promise<Told>;
}

/** A process of its own that flashes; it needs the built packages. */
async function flashInProcess(
  { board, dir }: BoardFixture,
  node: NodeId,
  image: TestImage,
  shared?: string,
): Promise<Flashing> {
  const file = path.join(dir, `image${node}`);
  await writeFile(file, image.raw);
  const options = {
    endpoint: { host: board.https.host, port: board.https.port, httpPort: 1 },
    pins: { publicKeyPin: board.publicKeyPin },
    cacheDir: path.join(dir, `cache${node}`),
    lockDir: path.join(dir, 'locks'),
    ...FAST,
  };
  const child = spawn(process.execPath, [CHILD, JSON.stringify({ file, node, shared, options })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Told[] = [];
  let told: () => void = () => undefined;
  createInterface(child.stdout).on('line', (text) => {
    lines.push(JSON.parse(text) as Progress);
    told();
  });
  child.once('exit', () => told());
  const line: Flashing['line'] = async (fits) => {
    for (;;) {
      const found = lines.find(fits);
      if (found) return found;
      if (child.exitCode !== null)
        throw new Error(`the process ended with ${child.exitCode}; is everything built?`);
      await new Promise<void>((resolve) => (told = resolve));
    }
  };
  return { process: child, line };
}

const starts = ({ board }: BoardFixture, node: NodeId) =>
  board.accessLog.filter(({ target }) => target.includes(`set&type=flash&node=${node - 1}`)).length;

async function killed(flashing: Flashing): Promise<void> {
  flashing.process.kill('SIGKILL');
  await once(flashing.process, 'exit');
}

describe('several processes', () => {
  test('two flash two nodes of one board at the same time: one after the other, both right', async () => {
    await using fixture = await startBoard(SPEED);
    const [two, three] = [rawImage(2 * MB), rawImage(2 * MB)];
    const first = await flashInProcess(fixture, 2, two);
    const second = await flashInProcess(fixture, 3, three);
    const results = await Promise.all(
      [first, second].map(({ line }) => line(({ result }) => result !== undefined)),
    );
    expect(results).toMatchObject([{ result: { node: 2 } }, { result: { node: 3 } }]);
    expect((await emmcBytes(fixture.board, 2, two.raw.length)).equals(two.raw)).toBe(true);
    expect((await emmcBytes(fixture.board, 3, three.raw.length)).equals(three.raw)).toBe(true);
    expect([starts(fixture, 2), starts(fixture, 3)]).toEqual([1, 1]);
  });

  test.each([
    [{ emmcErrorAt: MB }, 'BMC_FLASH_IO_ERROR'],
    [{ malformedForm: true }, 'BMC_FLASH_FORM_REFUSED'],
  ] as const)('one whose upload the BMC answers early ends by itself: %j', async (faults, code) => {
    await using fixture = await startBoard({ faults });
    const { process, line } = await flashInProcess(fixture, 2, rawImage(8 * MB));
    const exited = once(process, 'exit', { signal: AbortSignal.timeout(50_000) });
    try {
      await line((told) => told.code === code);
      expect(await exited).toEqual([1, null]);
      expect(fixture.board.nodes[1]!.powered).toBe(false);
    } finally {
      process.kill('SIGKILL');
    }
  });

  test('killed during the upload: the next run cleans up and flashes again', async () => {
    await using fixture = await startBoard({ ...SPEED, networkBytesPerSecond: 4 * MB });
    const image = rawImage(8 * MB);
    const flashing = await flashInProcess(fixture, 2, image);
    await flashing.line(({ activity, done = 0 }) => activity === 'upload' && done > 2 * MB);
    await killed(flashing);
    const result = await fixture.client().flashNode({ node: 2, image, otherNodes: 'keep' });
    expect(result.followed).toBe(false);
    expect((await emmcBytes(fixture.board, 2, image.raw.length)).equals(image.raw)).toBe(true);
    expect(fixture.board.nodes[1]!.powered).toBe(false);
  });

  test('killed after the upload: the next run follows the transfer to its end instead of killing it', async () => {
    await using fixture = await startBoard({ emmcBytesPerSecond: MB });
    const image = rawImage(6 * MB);
    const flashing = await flashInProcess(fixture, 2, image);
    await flashing.line(({ activity }) => activity === 'write');
    await killed(flashing);
    const seen: Progress[] = [];
    const permit = approveErasure({ node: 2 });
    const result = await fixture
      .client()
      .flashNode({ node: 2, image, permit, otherNodes: 'keep', progress: (p) => seen.push(p) });
    expect(result).toMatchObject({ followed: true, node: 2 });
    expect(permit.begun).toBe(true); // what is on the disk now is what this erasure was approved for
    expect(starts(fixture, 2)).toBe(1);
    expect((await emmcBytes(fixture.board, 2, image.raw.length)).equals(image.raw)).toBe(true);
    expect(seen.map(({ note }) => note)).toContain('an earlier flash of node 2 is still running');
  });

  test('killed after the upload on another computer: its transfer is followed by who shares the state, and by nobody else', async () => {
    await using fixture = await startBoard({ emmcBytesPerSecond: MB });
    const image = rawImage(6 * MB);
    const state = path.join(fixture.dir, 'shared.json');
    const shared = new FileStateStore(state).papers.text('transfer');
    const flashing = await flashInProcess(fixture, 2, image, state);
    await flashing.line(({ activity }) => activity === 'write');
    await killed(flashing);
    const elsewhere = (lockDir: string) => fixture.client({ lockDir: path.join(fixture.dir, lockDir) });
    const request = { node: 2, image, otherNodes: 'keep' } as const;
    const [stranger, result] = await Promise.all([
      elsewhere('of-a-stranger')
        .flashNode(request)
        .catch((error: unknown) => error),
      elsewhere('of-another').flashNode({ ...request, sharedTransfer: shared }),
    ]);
    expect(stranger).toMatchObject({ code: 'BMC_FLASH_BUSY' });
    expect(result).toMatchObject({ followed: true, node: 2 });
    expect(starts(fixture, 2)).toBe(1);
    expect((await emmcBytes(fixture.board, 2, image.raw.length)).equals(image.raw)).toBe(true);
    expect(await shared.read()).toBe(''); // nothing is on the board any more

    // The first computer still has its own record: it is taken for over, and what it begins is known to all while it lasts.
    const told: (string | undefined)[] = [];
    const next = await fixture.client().flashNode({
      ...{ ...request, image: rawImage(MB), sharedTransfer: shared },
      progress: ({ activity, note }) => {
        if (activity === 'write') void shared.read().then((text) => told.push(text));
        expect(note ?? '').not.toContain('earlier flash');
      },
    });
    expect(next).toMatchObject({ followed: false, remarks: [] });
    expect(told[0]).toContain('"started":true');
    expect(await shared.read()).toBe('');
  });

  test('killed after the upload, then another image is wanted: the old one is finished first, then replaced', async () => {
    await using fixture = await startBoard({ emmcBytesPerSecond: 2 * MB });
    const flashing = await flashInProcess(fixture, 2, rawImage(4 * MB));
    await flashing.line(({ activity }) => activity === 'write');
    await killed(flashing);
    const image = rawImage(MB);
    const result = await fixture.client().flashNode({ node: 2, image, otherNodes: 'keep' });
    expect(result.followed).toBe(false);
    expect((await emmcBytes(fixture.board, 2, image.raw.length)).equals(image.raw)).toBe(true);
  });

  test('killed while the start request was under way: the transfer without a client is ended and replaced', async () => {
    await using fixture = await startBoard();
    const image = rawImage(MB);
    await fixture.board.startForeignTransfer(2);
    await mkdir(path.join(fixture.dir, 'locks'), { recursive: true });
    const key = fixture.board.publicKeyPin.replace('sha256:', '');
    await writeFile(
      path.join(fixture.dir, 'locks', `bmc-${key}.transfer.json`),
      JSON.stringify({
        ...{
          node: 2,
          format: 'raw',
          sha256: 'ab',
          lengthBytes: 1 << 20,
          rawSizeBytes: 1 << 20,
          started: true,
          uploaded: false,
        },
        ...{
          usb: { node: 1, mode: 'device', route: 'port' },
          node1UsedPort: false,
          startedAt: '',
        },
      }),
    );
    await fixture.client().flashNode({ node: 2, image, otherNodes: 'keep' });
    expect((await emmcBytes(fixture.board, 2, image.raw.length)).equals(image.raw)).toBe(true);
  });
});
