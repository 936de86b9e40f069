import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineEdit, lineInText } from './line-in-text.js';

describe('a line in a text', () => {
  it.each<[string, string, LineEdit, string]>([
    ['is added at the end', 'a\nb\n', { line: 'c' }, 'a\nb\nc\n'],
    ['is added to what has no line end', 'a', { line: 'c' }, 'a\nc\n'],
    ['is added to nothing', '', { line: 'c' }, 'c\n'],
    [
      'takes the place of the last one that fits',
      'x=1\nx=2\ny\n',
      { line: 'x=3', match: '^x=' },
      'x=1\nx=3\ny\n',
    ],
    [
      'comes after the last one that fits',
      '[a]\nk\n[b]\n',
      { line: 'new', after: '^\\[a\\]' },
      '[a]\nnew\nk\n[b]\n',
    ],
    ['comes to the end where none fits', 'a\n', { line: 'new', after: '^z' }, 'a\nnew\n'],
    ['goes, with those that fit', 'a\nx=1\nb\nx=2\n', { line: 'b', match: '^x=', absent: true }, 'a\n'],
    ['goes, and leaves an empty text', 'a\n', { line: 'a', absent: true }, ''],
  ])('%s', (_what, text, edit, expected) => {
    expect(lineInText(text, edit)).toBe(expected);
  });

  it('is there afterwards, and the second time nothing changes', () => {
    const lines = fc.array(fc.stringMatching(/^[a-c=]{0,3}$/), { maxLength: 6 });
    const edit = fc.record(
      {
        line: fc.stringMatching(/^[a-c=]{1,3}$/),
        match: fc.constantFrom('^a', 'b', '^$'),
        after: fc.constantFrom('^a', 'c$'),
        absent: fc.boolean(),
      },
      { requiredKeys: ['line'] },
    );
    fc.assert(
      fc.property(lines, edit, fc.boolean(), (given, asked, ended) => {
        const text = given.join('\n') + (ended && given.length > 0 ? '\n' : '');
        const once = lineInText(text, asked);
        expect(once.split('\n').includes(asked.line)).toBe(asked.absent !== true);
        // A line that its own `match` does not fit may be moved onto, once, and no further.
        if (asked.match === undefined || new RegExp(asked.match).test(asked.line))
          expect(lineInText(once, asked)).toBe(once);
      }),
    );
  });
});
