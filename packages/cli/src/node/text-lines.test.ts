import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextLines } from './text-lines.js';

function linesOf(pieces: readonly string[]): string[] {
  const lines: string[] = [];
  const text = new TextLines((line) => lines.push(line));
  for (const piece of pieces) text.push(piece);
  text.end();
  return lines;
}

describe('TextLines', () => {
  it('makes the same lines of a text, however it comes in pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.constantFrom('a', 'é', '\n', '\r\n', '\r'), { maxLength: 8 })),
        (parts) => {
          const pieces = parts.map((part) => part.join(''));
          expect(linesOf(pieces)).toEqual(linesOf([pieces.join('')]));
        },
      ),
    );
  });

  it('ends a line where the cursor goes back as well, and tells the last one', () => {
    expect(linesOf(['10%\r', '20%\rdone\r', '\n\nlast'])).toEqual(['10%', '20%', 'done', '', 'last']);
  });

  it('keeps no more than it must of a line that does not end', () => {
    const lines = linesOf(Array.from({ length: 50 }, () => 'x'.repeat(10_000)));
    expect(lines.join('')).toBe('x'.repeat(500_000));
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(80_000);
  });
});
