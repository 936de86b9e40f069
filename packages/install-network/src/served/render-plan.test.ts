import fc from 'fast-check';
import { expect, it } from 'vitest';
import { renderPlan } from './render-plan.js';

it('places exactly what is used, in whole blocks', () => {
  const range = fc.record({
    offset: fc.nat({ max: 5_000_000 }),
    length: fc.integer({ min: 1, max: 3_000_000 }),
  });
  fc.assert(
    fc.property(range, fc.nat({ max: 4096 }), (used, before) => {
      const parcel = {
        encoding: 'raw' as const,
        transferBytes: 1,
        sha256: 'ab',
        range: { offset: Math.max(0, used.offset - before), length: used.length + before },
        used: [used],
      };
      const lines = renderPlan([parcel], []).split('\n');
      expect(lines[1]).toBe('parcel raw 1 ab');
      let at = used.offset;
      for (const line of lines.slice(2, lines.indexOf('last'))) {
        const [word, block = 0, skip = 0, seek = 0, count = 0] = line
          .split(' ')
          .map((text) => Number(text) || 0);
        expect(word).toBe(0);
        expect(seek * block).toBe(at);
        expect(skip * block).toBe(at - parcel.range.offset);
        expect(count).toBeGreaterThan(0);
        at += count * block;
      }
      expect(at).toBe(used.offset + used.length);
    }),
  );
});
