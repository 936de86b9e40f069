import { expect, it } from 'vitest';
import { IMAGE_HINTS } from './image-hints.js';
import { ImageError } from './image-error.js';

it('tells what to do about its code, unless the place that throws it knows better', () => {
  expect(new ImageError('IMAGE_NOT_FOUND', 'it').hint).toBe(IMAGE_HINTS.IMAGE_NOT_FOUND);
  expect(new ImageError('IMAGE_NOT_FOUND', 'it', { details: { a: 1 } })).toMatchObject({
    hint: IMAGE_HINTS.IMAGE_NOT_FOUND,
    details: { a: 1 },
  });
  expect(new ImageError('IMAGE_NOT_FOUND', 'it', { hint: 'Better.' }).hint).toBe('Better.');
});
