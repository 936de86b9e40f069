import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndFilter, StartFilter } from './marked-output.js';

/** Cuts bytes into pieces of given lengths, which are used again and again. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

describe('markers in output', () => {
  it('leave exactly the bytes between them, however they arrive', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(bytes, bytes, bytes, lengths, (noise, own, late, sizes) => {
        const start = new StartFilter('[start-7f');
        const end = new EndFilter('[end-7f]');
        const all = [
          Buffer.from(noise),
          Buffer.from('[start-7f 12 (sh) S]\n'),
          Buffer.from(own),
          Buffer.from('[end-7f]'),
        ];
        const heard = cut(Buffer.concat([...all, Buffer.from(late)]), sizes).map((piece) =>
          end.push(start.push(piece)),
        );
        expect(Buffer.concat(heard).equals(Buffer.from(own))).toBe(true);
        expect(start.line).toBe('12 (sh) S');
        expect(end.ended).toBe(true);
      }),
    );
  });

  it('give back what was held when the closing one never comes', () => {
    const end = new EndFilter('[end-7f]');
    expect(end.push(Buffer.from('text [end-')).toString()).toBe('text ');
    expect(end.flush().toString()).toBe('[end-');
    expect(end.ended).toBe(false);
  });

  it('keep what came before for the message, and not without a limit', () => {
    const start = new StartFilter('[start-7f');
    start.push(Buffer.from('This account is currently not available.\n'));
    expect(start.before).toContain('not available');
    expect(start.found).toBe(false);
    for (let piece = 0; piece < 100; piece += 1) start.push(Buffer.alloc(10_000, 'x'));
    expect(start.before.length).toBeLessThan(100_000);
  });
});
