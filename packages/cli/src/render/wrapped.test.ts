import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { wrapped } from './wrapped.js';

it('a line that is too wide goes on below, further in', () => {
  expect(wrapped('  it asks for each of them', 24)).toBe('  it asks for each of\n    them');
  expect(wrapped('ok      it answers to everybody', 24, 8)).toBe('ok      it answers\n        to everybody');
  expect(wrapped('short', 24)).toBe('short');
});

it('no line is too wide, and no word is lost', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      words,
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 40, max: 120 }),
      (text, indent, columns) => {
        const shown = wrapped(`${' '.repeat(indent)}${text.join(' ')}`, columns);
        for (const line of shown.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        expect(shown.trim().split(/\s+/)).toEqual(text);
      },
    ),
  );
});
