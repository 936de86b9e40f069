import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { banDurationMs, durationMs } from './ban.js';

const BAN = 'Exceeded allowed authentication attempts. Access blocked for ';

describe('banDurationMs', () => {
  test.each([
    [`${BAN}59s 999ms 912us 333ns`, 60_000],
    [`${BAN}1m 59s 999ms 934us 953ns`, 120_000],
    [`${BAN}17h 4m`, 61_440_000],
    [`${BAN}1m`, 60_000],
    [`${BAN}1day 2h`, 93_600_000],
  ])('reads %s', (text, ms) => {
    expect(banDurationMs(403, {}, text)).toBe(ms);
    expect(banDurationMs(401, {}, text)).toBe(ms);
  });

  test('reads Retry-After of a firmware that answers 429', () => {
    expect(banDurationMs(429, { 'retry-after': '30' }, '')).toBe(30_000);
    expect(banDurationMs(429, {}, 'slow down')).toBe(60_000);
  });

  test('takes nothing else for a ban', () => {
    expect(banDurationMs(403, {}, 'credentials incorrect')).toBeUndefined();
    expect(banDurationMs(200, {}, '{"response":[]}')).toBeUndefined();
  });
});

test('durations add up whatever their units', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(59), fc.nat(59), fc.nat(999), (h, m, s, ms) => {
      expect(durationMs(`${h}h ${m}m ${s}s ${ms}ms`)).toBe(((h * 60 + m) * 60 + s) * 1000 + ms);
    }),
  );
});
