import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpen, opensAt } from './rollout-windows.js';

const at = (text: string) => new Date(text);
/** Friday night in Berlin, into Saturday. */
const NIGHT = { days: [5], from: 22 * 60, until: 6 * 60, timeZone: 'Europe/Berlin' };

describe('a window', () => {
  it.each([
    ['2026-01-02T20:59:00Z', false], // Friday, 21:59 in winter
    ['2026-01-02T21:00:00Z', true],
    ['2026-01-03T04:59:59Z', true], // Saturday, 5:59
    ['2026-01-03T05:00:00Z', false],
    ['2026-07-03T20:00:00Z', true], // Friday, 22:00 in summer
    ['2026-07-03T21:30:00Z', true],
    ['2026-01-03T21:30:00Z', false], // Saturday night
  ])('is open at %s: %s', (time, open) => {
    expect(isOpen([NIGHT], at(time))).toBe(open);
  });

  it('opens when its time comes, and now where it is open or there is none', () => {
    expect(opensAt([NIGHT], at('2026-01-01T12:00:30Z'))).toEqual(at('2026-01-02T21:00:00Z'));
    expect(opensAt([NIGHT], at('2026-01-03T05:00:00Z'))).toEqual(at('2026-01-09T21:00:00Z'));
    expect(opensAt([NIGHT], at('2026-01-02T23:00:00Z'))).toEqual(at('2026-01-02T23:00:00Z'));
    expect(opensAt([], at('2026-01-02T23:00:00Z'))).toEqual(at('2026-01-02T23:00:00Z'));
    expect(opensAt([{ ...NIGHT, days: [] }], at('2026-01-02T23:00:00Z'))).toBeUndefined();
  });

  it('is open at the time that is said, and closed just before, in every zone without summer time', () => {
    const window = fc.record({
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      from: fc.integer({ min: 0, max: 1439 }),
      until: fc.integer({ min: 1, max: 1440 }),
      timeZone: fc.constantFrom('UTC', 'Asia/Tokyo', 'Asia/Kolkata', 'Pacific/Honolulu'),
    });
    const time = fc.date({
      min: at('2026-01-01T00:00:00Z'),
      max: at('2027-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 3 }), time, (windows, now) => {
        const opens = opensAt(windows, now);
        if (opens === undefined) return expect.fail('it opens on some day');
        expect(isOpen(windows, opens)).toBe(true);
        if (isOpen(windows, now)) expect(opens).toEqual(now);
        else {
          expect(opens.getTime()).toBeGreaterThan(now.getTime());
          expect(isOpen(windows, new Date(opens.getTime() - 1))).toBe(false);
        }
      }),
    );
  });
});
