import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, nearName } from './near-name.js';

const NAMES = ['ip', 'os', 'board', 'onChange', 'macAddress', 'debian', 'ubuntu', 'rk1', 'cm4'];

describe('the name that may be meant', () => {
  it.each([
    ['onchange', 'onChange'],
    ['ONCHANGE', 'onChange'],
    ['baord', 'board'],
    ['debain', 'debian'],
    ['ubunut', 'ubuntu'],
    ['cm5', 'cm4'],
    ['mac', 'macAddress'],
    ['debian-trixie', 'debian'],
    ['osx11', undefined],
    ['x', undefined],
    ['zz', undefined],
    ['talos', undefined],
    ['', undefined],
  ])('of %j is %j', (word, name) => {
    expect(nearName(word, NAMES)).toBe(name);
  });

  it('is asked for, or nothing is', () => {
    expect(didYouMean('borad', NAMES)).toBe(', did you mean `board`?');
    expect(didYouMean('talos', NAMES)).toBe('');
  });

  it('is any name with two neighbours exchanged, one letter more, or one less', () => {
    const name = fc.constantFrom(...NAMES.filter(({ length }) => length > 4));
    fc.assert(
      fc.property(name, fc.nat(), fc.constantFrom('exchange', 'more', 'less'), (meant, seed, slip) => {
        const at = seed % (meant.length - 1);
        const [head, a, b, tail] = [meant.slice(0, at), meant[at], meant[at + 1], meant.slice(at + 2)];
        const written = {
          exchange: `${head}${b}${a}${tail}`,
          more: `${head}${a}~${b}${tail}`,
          less: `${head}${b}${tail}`,
        };
        expect(nearName(written[slip], NAMES)).toBe(meant);
      }),
    );
  });
});
