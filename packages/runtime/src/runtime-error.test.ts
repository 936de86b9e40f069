import { expect, it } from 'vitest';
import { RUNTIME_HINTS } from './runtime-hints.js';
import { RuntimeError } from './runtime-error.js';

it('tells what to do about its code, unless the place that throws it knows better', () => {
  expect(new RuntimeError('SSH_TIMEOUT', 'it').hint).toBe(RUNTIME_HINTS.SSH_TIMEOUT);
  expect(new RuntimeError('SSH_TIMEOUT', 'it', { details: { a: 1 } })).toMatchObject({
    hint: RUNTIME_HINTS.SSH_TIMEOUT,
    details: { a: 1 },
  });
  expect(new RuntimeError('SSH_TIMEOUT', 'it', { hint: 'Better.' }).hint).toBe('Better.');
});
