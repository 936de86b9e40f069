import { expect, test } from 'vitest';
import { decimalSize } from './decimal-size.js';

test.each([
  [10_663_296n, '10.66 MB'],
  [100_663_296n, '100.66 MB'],
  [1_048_576n, '1.05 MB'],
  [2n ** 64n - 2n, '18.45 EB'],
  [5n, '5 B'],
])('%i bytes', (bytes, text) => {
  expect(decimalSize(bytes)).toBe(text);
});
