import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputTail } from './output-tail.js';

describe('OutputTail', () => {
  it('keeps exactly the last bytes, however they arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 })),
        fc.integer({ min: 1, max: 50 }),
        (chunks, limit) => {
          const tail = new OutputTail(limit);
          for (const chunk of chunks) tail.push(Buffer.from(chunk));
          const all = Buffer.concat(chunks);
          expect(tail.bytes()).toEqual(all.subarray(Math.max(0, all.length - limit)));
          expect(tail.truncated).toBe(all.length > limit);
        },
      ),
    );
  });

  it('never starts in the middle of a character', () => {
    const tail = new OutputTail(3);
    tail.push(Buffer.from('äüö'));
    expect(tail.text()).toBe('ö');
  });
});
