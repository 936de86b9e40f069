import { expect, test } from 'vitest';
import { spokenDuration } from './spoken-duration.js';

test.each([
  [59_999_912_333n, '59s 999ms 912us 333ns'],
  [119_998_012_005n, '1m 59s 998ms 12us 5ns'],
  [60_000_000_000n, '1m'],
  [61_440_000_000_000n, '17h 4m'],
  [2n * 86_400_000_000_000n + 5n, '2days 5ns'],
  [0n, '0s'],
])('%i ns', (ns, text) => {
  expect(spokenDuration(ns)).toBe(text);
});
