import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodeId } from '@turingpi/foundation';
import type { BoardFaults } from '@turingpi/virtual-board';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bareFlash } from './bare-flash.js';
import { rawImage } from './board-fixture.js';
import { type ForeignMove, makeForeignMove } from './foreign-move.js';

const SCHEDULES = 500;
const AT_ONCE = 20;
const image = rawImage(96 * 1024);

/** Something that the other client does, directly before a request of ours; counted from our first. */
interface Move {
  readonly before: number;
  readonly does: ForeignMove;
  readonly node: NodeId;
}
interface Schedule {
  readonly revision: 'v2.4' | 'v2.5';
  readonly moves: readonly Move[];
  /** What goes wrong with our own flash meanwhile. */
  readonly trouble: 'none' | 'not-found' | 'corrupt' | 'abort';
  readonly abortBefore: number;
}

const FAULTS: Readonly<Record<Schedule['trouble'], BoardFaults>> = {
  none: {},
  'not-found': { bringUp: 'not-found' },
  corrupt: { corruptEmmcAt: 5 },
  abort: {},
};

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
  const flashed = await bareFlash({
    ...{ home, image, revision, faults: FAULTS[trouble] },
    before: async ({ request }, board, stop) => {
      for (const { before, does, node: id } of moves)
        if (before === request) await makeForeignMove(board, does, id);
      if (trouble === 'abort' && request === abortBefore) stop();
    },
  });
  const { outcome, written, targetHoldsImage } = flashed;
  const complaints = [...flashed.complaints];
  const finishedByOther = moves.some(({ does }) => does === 'finish');
  if (outcome === 'flashed') {
    if (!targetHoldsImage && !finishedByOther) complaints.push('success without the image on the target');
    if (written.length > 0) complaints.push('success, and another module holds our image');
  }
  return { complaints, outcome };
}
