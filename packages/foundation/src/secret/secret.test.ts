import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from './secret.js';

describe('Secret', () => {
  const secret = new Secret('hunter2');

  it.each([
    ['string conversion', String(secret)],
    ['templates', secret as unknown as string],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ deep: { secret } }, { showHidden: true, depth: 9 })],
    ['a copy', JSON.stringify(Object.assign({}, secret))],
    ['an error message', new Error(`bad ${String(secret)}`).message],
    ['a clone', inspect(structuredClone(Object.assign({}, secret)))],
  ])('does not print in %s', (_way, text) => {
    expect(text).not.toContain('hunter2');
  });

  it('reveals its value on demand', () => {
    expect(secret.reveal()).toBe('hunter2');
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
  });

  it('is recognised, also when it comes from another copy of core', () => {
    expect(Secret.is(secret)).toBe(true);
    expect(Secret.is({ [Symbol.for('@turingpi/core:secret')]: true })).toBe(true);
    expect([{ env: 'A' }, 'x', undefined, null].map((value) => Secret.is(value))).toEqual(
      Array(4).fill(false),
    );
  });
});
