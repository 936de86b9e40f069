import { expect, it, vi } from 'vitest';
import { localTime, withLocalTimes } from './local-time.js';

it('tells a time in the zone of this computer', () => {
  vi.stubEnv('TZ', 'Asia/Tokyo');
  expect(localTime('2026-03-01T18:05:59.000Z')).toBe('2026-03-02 03:05');
  vi.stubEnv('TZ', 'America/New_York');
  expect(localTime('2026-03-01T18:05:59.000Z')).toBe('2026-03-01 13:05');
});

it('tells the times within a text alike, and leaves what is none', () => {
  vi.stubEnv('TZ', 'Asia/Tokyo');
  expect(withLocalTimes('last seen 2026-03-01T18:05:59.123Z: no answer')).toBe(
    'last seen 2026-03-02 03:05: no answer',
  );
  expect(withLocalTimes('2026-99-01T18:05Z, image-2026-03-01')).toBe('2026-99-01T18:05Z, image-2026-03-01');
});

it('says nothing of what is no time', () => {
  expect(localTime('yesterday')).toBe('');
});
