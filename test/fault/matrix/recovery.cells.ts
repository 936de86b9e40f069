import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodeId } from '@turingpi/foundation';
import type { BoardFaults } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bareFlash, BARE_TARGET } from '../../board/bare-flash.js';
import { rawImage } from '../../board/board-fixture.js';
import { makeForeignMove } from '../../board/foreign-move.js';
import { judgeRecovery } from './judge-recovery.js';

/** How our flash ends, and how many requests that brings: a recovery, and the first of what comes after it. */
const ENDS: Readonly<Record<string, End>> = {
  done: { requests: 2 },
  'module not found': { requests: 12, faults: { bringUp: 'not-found' } },
  'bad read-back': { requests: 12, faults: { corruptEmmcAt: 5 } },
  'stopped at the start': { requests: 9, stopsAt: 0 },
  'stopped in the upload': { requests: 9, stopsAt: 0.6 },
};
interface End {
  readonly requests: number;
  readonly faults?: BoardFaults;
  readonly stopsAt?: number;
}
const FOREIGN: readonly NodeId[] = [BARE_TARGET, 4];
const image = rawImage(192 * 1024);

let dir: string;
beforeAll(async () => void (dir = await mkdtemp(path.join(tmpdir(), 'recovery-'))));
afterAll(() => rm(dir, { recursive: true, force: true }));

// Another client starts a transfer directly before our n-th request after the end of ours.
for (const revision of ['v2.4', 'v2.5'] as const)
  for (const [end, { requests, ...how }] of Object.entries(ENDS))
    for (const node of FOREIGN)
      describe.concurrent(`${revision}: ${end}, then node ${node} of another`, () => {
        for (let request = 0; request < requests; request++)
          test.concurrent(`+${request}`, async ({ task }) => {
            let happened = false;
            const flashed = await bareFlash({
              ...{ home: path.join(dir, task.id), image, revision, ...how },
              before: async ({ afterEnd }, board) => {
                if (afterEnd !== request || happened) return;
                happened = true;
                await makeForeignMove(board, 'start', node);
              },
            });
            const verdict = judgeRecovery(flashed, { isDone: end === 'done', happened, foreignNode: node });
            Object.assign(task.meta, { verdict }); // for the table
            expect(verdict.wrong, verdict.outcome).toEqual([]);
          });
      });
