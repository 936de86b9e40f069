import { describe, expect, it } from 'vitest';
import { TuringPiError } from './turing-pi-error.js';

/** A class as a plugin in plain JavaScript may have it: no compiler asks for the options. */
const Untyped = TuringPiError as unknown as new (code: string, message: string, options?: unknown) => Error;
class PluginFault extends Untyped {}

describe('an error of a plugin in plain JavaScript', () => {
  it.each([
    ['no options', undefined],
    ['null for options', null],
    ['options without a hint', {}],
  ])('is usable with %s', (_what, options) => {
    const error: unknown = new PluginFault('MY_FAULT', 'the fan stands still', options);
    expect(error).toMatchObject({
      name: 'PluginFault',
      code: 'MY_FAULT',
      message: 'the fan stands still',
      hint: expect.stringMatching(/\w/) as string,
      details: {},
    });
    expect(TuringPiError.is(error)).toBe(true);
  });

  it('keeps what it is given', () => {
    const cause = new Error('underneath');
    const given = { cause, hint: 'turn it', details: { fan: 1 } };
    expect(new PluginFault('MY_FAULT', 'the fan stands still', given)).toMatchObject(given);
  });
});
