import { expect, test } from 'vitest';
import { parseI32, parseUnsigned, Query } from './query.js';

test('the last of repeated keys wins, plus is a space, a bare key is present', () => {
  const query = new Query('a=1&a=2&b=x+y%20z&c');
  expect([query.get('a'), query.get('b'), query.get('c'), query.has('c'), query.get('d')]).toEqual([
    '2',
    'x y z',
    '',
    true,
    undefined,
  ]);
});

test('routes are found in the raw text only', () => {
  expect(new Query('opt=set&cmd=echo_type=flash').mentions('type=flash', 'opt=set')).toBe(true);
  expect(new Query('opt=set&cmd=type%3Dflash').mentions('type=flash')).toBe(false);
});

test.each([
  ['0', 1],
  ['3', 4],
  ['256', 1],
  ['-255', 2],
  ['%2B1', 2],
])('node=%s is slot %i', (text, slot) => {
  expect(new Query(`node=${text}`).node()).toBe(slot);
});

test.each(['4', '-1', 'a', '', '3000000000'])('node=%s is refused', (text) => {
  expect(() => new Query(`node=${text}`).node()).toThrow(/node/);
});

test('numbers keep to their size', () => {
  expect([parseI32('-2147483648'), parseI32('2147483648'), parseI32('1.0')]).toEqual([
    -2147483648,
    undefined,
    undefined,
  ]);
  expect([parseUnsigned('4294967295', 32), parseUnsigned('4294967296', 32), parseUnsigned('-1', 64)]).toEqual(
    [4294967295n, undefined, undefined],
  );
});
