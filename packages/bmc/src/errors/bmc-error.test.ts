import { expect, it } from 'vitest';
import { BMC_HINTS } from './bmc-hints.js';
import { BmcError } from './bmc-error.js';

it('tells what to do about its code, unless the place that throws it knows better', () => {
  expect(new BmcError('BMC_BUSY', 'it').hint).toBe(BMC_HINTS.BMC_BUSY);
  expect(new BmcError('BMC_BUSY', 'it', { details: { a: 1 } })).toMatchObject({
    hint: BMC_HINTS.BMC_BUSY,
    details: { a: 1 },
  });
  expect(new BmcError('BMC_BUSY', 'it', { hint: 'Better.' }).hint).toBe('Better.');
});
