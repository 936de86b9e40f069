import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, suggestNetwork } from './suggest-network.js';

describe('addresses for nodes', () => {
  it.each([
    ['192.168.1.90', '192.168.1.91', '192.168.1.1'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.254'],
    ['10.0.0.254', '10.0.0.250', '10.0.0.1'],
    ['127.0.0.1', '192.168.1.101', '192.168.1.1'],
    [undefined, '192.168.1.101', '192.168.1.1'],
    ['fe80::1', '192.168.1.101', '192.168.1.1'],
  ])('beside the board %s begin at %s, with the gateway %s', (board, firstIp, gateway) => {
    expect(suggestNetwork(board)).toEqual({ firstIp, gateway });
  });

  it('are four of the same network that neither board nor gateway has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 254 }), (last) => {
        const board = `10.1.2.${last}`;
        const { firstIp, gateway } = suggestNetwork(board);
        const nodes = [1, 2, 3, 4].map((node) => addressOf(firstIp, node));
        expect(new Set([...nodes, board, gateway]).size).toBe(6);
        for (const node of nodes) expect(node).toMatch(/^10\.1\.2\.([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])$/);
      }),
    );
  });

  it('end with the network', () => {
    expect(addressOf('10.0.0.254', 1)).toBe('10.0.0.254');
    expect(addressOf('10.0.0.254', 2)).toBeUndefined();
  });
});
