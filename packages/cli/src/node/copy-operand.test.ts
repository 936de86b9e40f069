import { describe, expect, it } from 'vitest';
import { parseCopyOperand, parseCopyOrder } from './copy-operand.js';

describe('an end of a copy', () => {
  it.each([
    ['2:/etc/app', [{ id: 2 }], '/etc/app'],
    ['1,3:/srv/a:b', [{ id: 1 }, { id: 3 }], '/srv/a:b'],
    ['all:/x', 'all', '/x'],
    ['shelf/2:/x', [{ board: 'shelf', id: 2 }], '/x'],
    ['shelf:/x', [{ board: 'shelf' }], '/x'],
  ])('%s is on nodes', (text, nodes, path) => {
    expect(parseCopyOperand(text)).toEqual({ nodes, path });
  });

  it.each([
    'notes',
    './1:x',
    '/tmp/1:x',
    '../2:x',
    String.raw`C:\Users\a`,
    'C:/Users/a',
    '9:/x',
    'UPPER:/x',
    ':/x',
  ])('%s is here', (text) => {
    expect(parseCopyOperand(text)).toEqual({ nodes: undefined, path: text });
  });

  it('belongs to one on the other side, and is absolute on nodes', () => {
    expect(parseCopyOrder({ from: 'a', to: '1:/b' })).toEqual({
      way: 'up',
      nodes: [{ id: 1 }],
      local: 'a',
      remote: '/b',
    });
    expect(parseCopyOrder({ from: '1:/b', to: 'a' })).toEqual({
      way: 'down',
      nodes: [{ id: 1 }],
      local: 'a',
      remote: '/b',
    });
    for (const [from, to] of [
      ['a', 'b'],
      ['1:/a', '2:/b'],
      ['a', '1:b'],
      ['1:', 'a'],
    ] as const)
      expect(() => parseCopyOrder({ from, to })).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
  });

  it('may be on the nodes of --node, and then names none itself', () => {
    const nodes = [{ id: 1 as const }, { id: 3 as const }];
    expect(parseCopyOrder({ from: './a', to: ':/b', nodes })).toEqual({
      ...{ way: 'up', nodes, local: './a', remote: '/b' },
    });
    expect(parseCopyOrder({ from: ':/b', to: 'a', nodes: 'all' })).toEqual({
      ...{ way: 'down', nodes: 'all', local: 'a', remote: '/b' },
    });
    for (const [from, to] of [
      ['a', '1:/b'],
      ['a', 'b'],
      [':/a', ':/b'],
      [':a', 'b'],
    ] as const)
      expect(() => parseCopyOrder({ from, to, nodes })).toThrow(
        expect.objectContaining({ code: 'USAGE' }) as Error,
      );
  });
});
