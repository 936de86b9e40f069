import { ImageError } from '@turingpi/image';
import { describe, expect, it } from 'vitest';
import { errorRecord, renderError } from './error.js';

const broken = new ImageError('IMAGE_CORRUPT', 'a.img.xz is cut short\n\u001b[31mred', {
  hint: 'Get it again.',
});

describe('an error', () => {
  it('is one line with its code and what to do, and never steers the terminal', () => {
    expect(renderError(broken, { verbose: false })).toBe(
      'error IMAGE_CORRUPT: a.img.xz is cut short\n\\u{1b}[31mred\n  Get it again.\n',
    );
  });

  it('has its whole chain with --verbose', () => {
    const error = new ImageError('IMAGE_CORRUPT', 'damaged', { cause: new Error('underneath') });
    expect(renderError(error, { verbose: true })).toContain('underneath');
  });

  it('that is none of ours is internal, a stop is a stop', () => {
    expect(errorRecord(new TypeError('x is not a function'))).toEqual({
      code: 'INTERNAL',
      message: 'x is not a function',
    });
    expect(errorRecord(new DOMException('stopped', 'AbortError'))).toMatchObject({ code: 'ABORTED' });
  });
});
