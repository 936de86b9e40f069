import { describe, expect, it } from 'vitest';
import { parseByteSize } from './byte-size.js';

describe('parseByteSize', () => {
  it.each([
    ['0', 0],
    ['123', 123],
    ['10G', 10e9],
    ['1.5 GB', 1.5e9],
    ['10GiB', 10 * 2 ** 30],
    ['4k', 4000],
    ['2MiB', 2 * 2 ** 20],
  ])('%s', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each(['', 'G', '-1', '10X', '1e3', '5i', '99999999T'])('refuses %j', (text) => {
    expect(parseByteSize(text)).toBeUndefined();
  });
});
