import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEntry, formatJournal, parseJournal } from './parse-journal.js';

const HEAD = { fence: 3, hash: 'ab', instance: 'one' };
const entries = fc.array(
  fc.record({
    action: fc.string({ unit: 'binary' }),
    digest: fc.string(),
    // `__proto__` is dropped, as in all of the state: no object has it as a key of its own afterwards.
    result: fc
      .jsonValue()
      .filter((value) => !JSON.stringify(value).includes('__proto__'))
      .map((value) => JSON.parse(JSON.stringify(value)) as never),
    at: fc.string(),
  }),
  { maxLength: 8 },
);

describe('a journal', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(entries, (written) => {
        expect(parseJournal(formatJournal(HEAD, written), HEAD)).toEqual(written);
      }),
    );
  });

  it('that ends anywhere is what was written before', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (written, length) => {
        const text = formatJournal(HEAD, written);
        const found = parseJournal(text.slice(0, length % (text.length + 1)), HEAD) ?? [];
        expect(found).toEqual(written.slice(0, found.length));
        // A line that is whole counts, also without its end.
        const whole = formatJournal(HEAD, written.slice(0, found.length + 1)).length - 1;
        if (found.length < written.length) expect(length % (text.length + 1)).toBeLessThan(whole);
      }),
    );
  });

  it('has nothing of who had lost it, nor of what they left half written', () => {
    const foreign = fc.oneof(
      entries.map((late) => late.map((entry, at) => formatEntry(2, at, entry)).join('')),
      fc.string().map((rest) => `{"n":0,"fence":2,${rest.replaceAll('\n', '')}\n`),
    );
    fc.assert(
      fc.property(entries, fc.array(fc.tuple(foreign, fc.nat())), (written, late) => {
        const lines = formatJournal(HEAD, written).split(/(?<=\n)/);
        for (const [text, place] of late) lines.splice(1 + (place % lines.length), 0, text);
        expect(parseJournal(lines.join(''), HEAD)).toEqual(written);
      }),
    );
  });

  it.each([
    ['an earlier version, which did not tell who claimed it', { fence: 3, hash: 'ab' }, HEAD],
    ['who has given the phase back', HEAD, { fence: 3, hash: 'ab' }],
    ['a claim that was not recorded any more', { ...HEAD, fence: 4, instance: 'next' }, HEAD],
  ])('holds that was begun by %s', (_what, head, claim) => {
    expect(parseJournal(formatJournal(head, []), claim)).toEqual([]);
  });

  it('of which a line is lost ends there', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((action) => ({ action, digest: '', result: null, at: '' }));
    const lines = formatJournal(HEAD, [a!, b!, c!]).split(/(?<=\n)/);
    expect(parseJournal([...lines.slice(0, 2), '\u0000\u0000\n', lines[3]].join(''), HEAD)).toEqual([a]);
  });

  it.each([
    ['empty', ''],
    ['without its first line', formatEntry(3, 0, { action: 'a', digest: '', result: null, at: '' })],
    ['of other inputs', formatJournal({ fence: 3, hash: 'cd' }, [])],
    ['of an earlier claim', formatJournal({ ...HEAD, fence: 2 }, [])],
    ['of another claim with the same number', formatJournal({ ...HEAD, instance: 'other' }, [])],
    ['of something else', '[]\n'],
  ])('that is %s holds for nothing', (_what, text) => {
    expect(parseJournal(text, HEAD)).toBeUndefined();
  });
});
