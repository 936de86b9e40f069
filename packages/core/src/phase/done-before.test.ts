import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JournalEntry } from '../state/journal-entry.js';
import { DoneBefore } from './done-before.js';

const AT = '2026-11-30T00:00:00.000Z';
const entry = (digest: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
  ...{ action: 'remote.runCommand', digest, result: { stdout: 'x'.repeat(500) }, at: AT },
  ...more,
});

it('keeps what may do harm and what is done once, and grows no further than that', () => {
  const done = new DoneBefore(undefined);
  done.add([entry('init', { once: 'cluster' })], true);
  for (let run = 0; run < 3000; run += 1)
    done.add(
      [
        entry(`run-${run}`),
        entry(`look-${run}`, { repeatable: true }),
        entry(`init-${run}`, { once: 'cluster' }),
      ],
      true,
    );
  const kept = new DoneBefore(done.facts.done_before);
  expect(kept.has('run-2999')).toBe(true);
  expect(kept.has('look-2999')).toBe(false);
  expect(kept.once('cluster', 'another')).toMatchObject({ digest: 'init' });
  expect(JSON.stringify(kept.facts).length).toBeLessThan(64 * 1024);
});

it('a longer record of an earlier version is taken, and no name of it is lost', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 20 });
  fc.assert(
    fc.property(names, fc.nat(2000), (once, unnamed) => {
      const record = [
        ...once.map((name) => ({ digest: `of ${name}`, at: AT, once: name, result: name })),
        ...Array.from({ length: unnamed }, (_, at) => ({ digest: `d${at}`, at: AT })),
      ];
      const done = new DoneBefore(new DoneBefore(record).facts.done_before);
      for (const name of once) expect(done.once(name, '')).toMatchObject({ result: name });
      if (unnamed > 0) expect(done.has(`d${unnamed - 1}`)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

it('keeps a change that was not followed up for as long as that, also of what looks first', () => {
  const done = new DoneBefore(undefined);
  done.add([entry('look', { repeatable: true, result: { changed: true } })], false);
  done.add([entry('look', { repeatable: true, result: { changed: false } })], false);
  const kept = new DoneBefore(done.facts.done_before);
  expect(kept.isUnanswered('look')).toBe(true);
  kept.answer();
  expect(kept.isUnanswered('look')).toBe(false);
  expect(kept.facts).toEqual({});
});
