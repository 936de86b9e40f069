import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashInputs } from './canonical-json.js';
import { compareInputs } from './compare-inputs.js';

describe('compareInputs', () => {
  it('names what changed, old and new', () => {
    const before = { 'network.hostname': 'a', packages: ['htop'], timezone: 'Etc/UTC', os: 'ubuntu' };
    const after = { 'network.hostname': 'b', packages: ['htop', 'vim'], locale: 'C.UTF-8', os: 'ubuntu' };
    expect(compareInputs(before, after)).toEqual([
      { name: 'locale', before: 'not set', after: 'C.UTF-8' },
      { name: 'network.hostname', before: 'a', after: 'b' },
      { name: 'packages', before: 'htop', after: 'htop, vim' },
      { name: 'timezone', before: 'Etc/UTC', after: 'not set' },
    ]);
  });

  it('shows no digest', () => {
    const [a, b] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string];
    expect(compareInputs({ base: a }, { base: b, 'user.password': `sha256:${a}` })).toEqual([
      { name: 'base', before: 'set', after: 'changed' },
      { name: 'user.password', before: 'not set', after: 'set' },
    ]);
  });

  it('keeps long values short', () => {
    const [change] = compareInputs({ packages: [] }, { packages: Array.from({ length: 99 }, () => 'vim') });
    expect(change!.after.length).toBeLessThanOrEqual(60);
  });

  it('finds nothing exactly when the hashes are equal', () => {
    const inputs = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 1 }));
    fc.assert(
      fc.property(inputs, inputs, (before, after) => {
        const changes = compareInputs(before, after);
        const equal = hashInputs(before) === hashInputs(after);
        expect(changes.length === 0).toBe(equal);
      }),
    );
  });
});
