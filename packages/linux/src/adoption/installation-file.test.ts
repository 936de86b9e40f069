import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInstallationFile } from './installation-file.js';

const digest = 'ab'.repeat(32);

describe('what a node says of its installation', () => {
  it('is read', () => {
    const file = {
      version: 1,
      id: 'x',
      node: 'Node2',
      board: 'rk1',
      generation: 3,
      inputs: { base: digest },
    };
    expect(parseInstallationFile(JSON.stringify(file))).toEqual({
      id: 'x',
      node: 'Node2',
      generation: 3,
      inputs: { base: digest },
    });
  });

  it.each(['', 'null', '[]', '{}', '{"id":""}', '{"id":1}', `{"id":"${'x'.repeat(201)}"}`])(
    'is nothing when it is %s',
    (text) => {
      expect(parseInstallationFile(text)).toBeUndefined();
    },
  );

  it('loses what is none of ours: other nodes, generations and digests', () => {
    const text = '{"id":"x","node":"Node9","generation":-1,"inputs":{"base":"../../etc/passwd"}}';
    expect(parseInstallationFile(text)).toEqual({
      id: 'x',
      node: undefined,
      generation: undefined,
      inputs: undefined,
    });
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseInstallationFile(text);
      }),
    );
  });
});
