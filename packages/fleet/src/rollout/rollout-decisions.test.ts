import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleRollout } from '../conformance/sample-rollout.js';
import type { BoardState } from '../orchestrator/fleet-status.js';
import { beginnable, outcomeOf } from './rollout-decisions.js';

/** A policy, and for each board how it ends and when: boards that run end in the order of `ends`. */
const story = fc.record({
  boards: fc.integer({ min: 1, max: 12 }),
  atOnce: fc.integer({ min: 1, max: 5 }),
  stopAfterFailures: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  failing: fc.uniqueArray(fc.integer({ min: 1, max: 12 })),
  ends: fc.infiniteStream(fc.nat({ max: 100 })),
  held: fc.uniqueArray(fc.integer({ min: 1, max: 12 })),
});

describe('a rollout', () => {
  it('takes no more boards at a time than it may, each once, in order, and comes to its end', () => {
    fc.assert(
      fc.property(story, ({ boards, atOnce, stopAfterFailures, failing, ends, held }) => {
        const limit = stopAfterFailures === undefined ? {} : { stopAfterFailures };
        const rollout = sampleRollout('any', { boards, policy: { atOnce, ...limit } });
        const progress = new Map<string, BoardState>();
        const begun: string[] = [];
        const running = () => [...progress].flatMap(([name, state]) => (state === 'running' ? [name] : []));
        let isHeld = ({ board }: { readonly board: string }) => held.includes(Number(board.slice(3)));
        for (;;) {
          const next = beginnable(rollout, progress, { isOpen: true, isHeld });
          const failures = [...progress.values()].filter((state) => state === 'failed').length;
          if (failures >= (stopAfterFailures ?? Infinity)) expect(next).toEqual([]);
          for (const { board } of next) {
            begun.push(board);
            progress.set(board, 'running');
          }
          expect(running().length).toBeLessThanOrEqual(atOnce);
          if (outcomeOf(rollout, progress, false) !== undefined) break;
          const names = running();
          const ending = names[(ends.next().value ?? 0) % names.length];
          if (ending === undefined)
            isHeld = () => false; // nothing runs, and it goes on: it waits for those that are held
          else progress.set(ending, failing.includes(Number(ending.slice(3))) ? 'failed' : 'completed');
        }
        expect(new Set(begun).size).toBe(begun.length);
        const inOrder = rollout.boards.map(({ board }) => board).filter((board) => begun.includes(board));
        if (held.length === 0) expect(begun).toEqual(inOrder);
        const outcome = outcomeOf(rollout, progress, false);
        if (outcome === 'completed')
          expect([...progress.values()].every((state) => state === 'completed')).toBe(true);
        expect(outcome === 'stopped').toBe(begun.length < boards);
      }),
    );
  });

  it('begins nothing outside of its windows, and is not over either', () => {
    const rollout = sampleRollout('night', { boards: 2 });
    expect(beginnable(rollout, new Map(), { isOpen: false, isHeld: () => false })).toEqual([]);
    expect(outcomeOf(rollout, new Map(), false)).toBeUndefined();
    expect(outcomeOf(rollout, new Map(), true)).toBe('cancelled');
  });

  it('that was cancelled when all was done is what it was', () => {
    const rollout = sampleRollout('late', { boards: 1 });
    expect(outcomeOf(rollout, new Map([['lab1', 'running']]), true)).toBeUndefined();
    expect(outcomeOf(rollout, new Map([['lab1', 'completed']]), true)).toBe('completed');
    expect(outcomeOf(rollout, new Map([['lab1', 'failed']]), true)).toBe('failed');
  });
});
