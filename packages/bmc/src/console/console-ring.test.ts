import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConsoleRing } from './console-ring.js';

describe('ConsoleRing', () => {
  test('firmware that empties its buffer gives only what is new', () => {
    const ring = new ConsoleRing(false);
    expect(['ab', '', 'ab', 'c'].map((s) => ring.next(s))).toEqual(['ab', '', 'ab', 'c']);
  });

  test('a restarted daemon begins with an empty buffer', () => {
    const ring = new ConsoleRing(true);
    ring.next('before the restart');
    expect(ring.next('')).toBe('');
    expect(ring.next('after')).toBe('after');
  });

  test('a character of which only a part has arrived is given once, whole', () => {
    const ring = new ConsoleRing(true);
    expect(ring.next('caf\uFFFD')).toBe('caf');
    expect(ring.next('café!')).toBe('é!');
  });

  test('whatever the pieces, as long as they fit, nothing is lost and nothing repeated', () => {
    // Texts with few symbols overlap by chance as well; numbered lines make the true overlap the longest one.
    const pieces = fc.array(fc.nat(5), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 60, max: 120 }), (counts, size) => {
        const ring = new ConsoleRing(true);
        let printed = '';
        let followed = '';
        let line = 0;
        for (const count of counts) {
          for (let i = 0; i < count; i++) printed += `line ${line++}\r\n`;
          followed += ring.next(printed.slice(-size));
        }
        expect(followed).toBe(printed);
      }),
    );
  });

  test('says when a burst was larger than the buffer, and not when a daemon began anew or all of it fits', () => {
    const ring = new ConsoleRing(true, 64);
    const line = (n: number): string => `line ${String(n).padStart(4, '0')}\r\n`;
    const lines = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, i) => line(from + i)).join('');
    ring.next(lines(0, 5));
    expect(ring.lost).toBe(false);
    ring.next(lines(2, 7).slice(-64));
    expect(ring.lost).toBe(false);
    expect(ring.next(lines(20, 30).slice(-64))).toBe(lines(20, 30).slice(-64));
    expect(ring.lost).toBe(true);
    ring.next(lines(26, 31).slice(-64));
    expect(ring.lost).toBe(false);
    ring.next(line(0));
    expect(ring.lost).toBe(false);
  });

  test('a buffer of 16 KiB of one repeated character takes no noticeable time', () => {
    const ring = new ConsoleRing(true);
    ring.next('a'.repeat(16_384));
    const started = performance.now();
    ring.next(`${'a'.repeat(16_383)}b`);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
