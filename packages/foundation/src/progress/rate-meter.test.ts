import { expect, test } from 'vitest';
import { RateMeter } from './rate-meter.js';

test('rate and remaining time come from the last ten seconds', () => {
  let now = 0;
  const meter = new RateMeter('write', 1000, () => now);
  expect(meter.at(0)).toEqual({ activity: 'write', done: 0, total: 1000, unit: 'bytes' });
  now = 1000;
  expect(meter.at(100)).toMatchObject({ rate: 100, etaMs: 9000 });
  for (let i = 0; i < 40; i++) {
    now += 1000;
    meter.at(100 + (i + 1) * 10);
  }
  expect(meter.at(500).rate).toBeCloseTo(10, 0);
});

test('a standing or falling counter has no rate', () => {
  let now = 0;
  const meter = new RateMeter('write', 1000, () => now);
  meter.at(500);
  now = 5000;
  expect(meter.at(500)).not.toHaveProperty('rate');
  expect(meter.at(400)).not.toHaveProperty('etaMs');
});
