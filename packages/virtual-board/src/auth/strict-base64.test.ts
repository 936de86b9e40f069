import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Base64Error, decodeBase64 } from './strict-base64.js';

test('decodes what was encoded', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes));
    }),
  );
});

test.each([
  ['!!!', 'Invalid symbol 33, offset 0.'],
  ['cm9-', 'Invalid symbol 45, offset 3.'],
  ['cm9vd', 'Invalid input length: 5'],
  ['cm9vdA', 'Invalid padding'],
  ['cm9vdB==', 'Invalid last symbol 66, offset 5.'],
])('refuses %s', (text, message) => {
  expect(() => decodeBase64(text)).toThrow(new Base64Error(message));
});
