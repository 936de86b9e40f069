import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boardIdOf, isSameBoard, normalizeMac } from './board-id.js';

const KEY = `sha256:${'a'.repeat(64)}`;
const OTHER_KEY = `sha256:${'b'.repeat(64)}`;

describe('boardIdOf', () => {
  test.each([
    [{ serial: 'XZCT000000000', mac: '02:00:4a:ea:dd:34' }, 'serial:XZCT000000000'],
    [{ serial: '', mac: '02:00:4A:EA:DD:34\n' }, 'mac:02:00:4a:ea:dd:34'],
    [{ serial: '0000000000', mac: '02-00-4a-ea-dd-34' }, 'mac:02:00:4a:ea:dd:34'],
    [{ mac: 'Unknown' }, `key:${KEY}`],
    [{ mac: '00:00:00:00:00:00' }, `key:${KEY}`],
    [{}, `key:${KEY}`],
  ])('%j is %s', (facts, id) => {
    expect(boardIdOf(facts, KEY).id).toBe(id);
  });
});

describe('isSameBoard', () => {
  const at = (serial: string | undefined, mac: string | undefined, key: string) =>
    boardIdOf({ serial, mac }, key);

  test('a new key, or firmware that tells more, makes no other board', () => {
    expect(
      isSameBoard(at(undefined, '02:00:4a:ea:dd:34', KEY), at('S1234', '02:00:4a:ea:dd:34', OTHER_KEY)),
    ).toBe(true);
    expect(isSameBoard(at('S1234', undefined, KEY), at('S1234', '02:00:4a:ea:dd:34', OTHER_KEY))).toBe(true);
    expect(isSameBoard(at(undefined, undefined, KEY), at('S1234', undefined, KEY))).toBe(true);
  });

  test('the key of another board, as a restored backup has it, makes no same board', () => {
    expect(isSameBoard(at('S1234', undefined, KEY), at('S1235', undefined, KEY))).toBe(false);
    expect(
      isSameBoard(at(undefined, '02:00:00:00:00:01', KEY), at(undefined, '02:00:00:00:00:02', KEY)),
    ).toBe(false);
  });
});

test('a MAC address is the same however it is written, and nothing else is one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
      const expected = (bytes[0]! & 1) === 1 || bytes.every((byte) => byte === 0) ? undefined : hex.join(':');
      expect(normalizeMac(hex.join('-').toUpperCase())).toBe(expected);
      expect(normalizeMac(` ${hex.join(':')}\n`)).toBe(expected);
    }),
  );
  expect(normalizeMac('02:00:00:00:00')).toBeUndefined();
});
