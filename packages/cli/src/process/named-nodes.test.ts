import { describe, expect, it } from 'vitest';
import { parseNodeNames } from './node-names.js';
import { namedNodes, nodesFirst, someNodes } from './named-nodes.js';

const [one, two] = [[{ id: 1 }], [{ id: 2 }]] as const;

describe('nodes of a command line', () => {
  it('stand after the command, or after --node', () => {
    expect(namedNodes(['1', '2'], undefined, parseNodeNames)).toEqual([...one, ...two]);
    expect(namedNodes([], [...one], parseNodeNames)).toEqual(one);
    expect(namedNodes([], undefined, parseNodeNames)).toBeUndefined();
  });

  it('are the first word of several, but with --node none of them', () => {
    expect(nodesFirst(['1', 'uptime', '-p'], undefined, parseNodeNames)).toEqual({
      ...{ nodes: one, rest: ['uptime', '-p'] },
    });
    expect(nodesFirst(['1', 'uptime'], [...two], parseNodeNames)).toEqual({
      nodes: two,
      rest: ['1', 'uptime'],
    });
    expect(nodesFirst([undefined], undefined, parseNodeNames)).toEqual({ nodes: undefined, rest: [] });
  });

  it.each([
    ['that are named twice', () => namedNodes(['1'], [...two], parseNodeNames)],
    ['that are none', () => namedNodes(['7'], undefined, parseNodeNames)],
    ['of which some must be named', () => someNodes(undefined)],
  ])('%s are refused', (_what, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
  });
});
