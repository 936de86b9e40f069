import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usualGatewayOf, inSameNetwork, networkBoundsOf } from './network-plan.js';

const prefixes = fc.integer({ min: 8, max: 30 });
const numbers = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const toAddress = (value: number) =>
  [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
const maskOf = (prefix: number) => (2 ** 32 - 2 ** (32 - prefix)) >>> 0;

describe('IPv4 networks', () => {
  it('hold exactly the addresses with the same masked bits', () => {
    fc.assert(
      fc.property(numbers, numbers, prefixes, fc.boolean(), (a, random, prefix, near) => {
        const mask = maskOf(prefix);
        const b = near ? ((a & mask) | (random & ~mask)) >>> 0 : random;
        expect(inSameNetwork(toAddress(b), toAddress(a), prefix)).toBe((a & mask) === (b & mask));
      }),
    );
  });

  it('begin with the network’s address and its first host, and end with the broadcast address', () => {
    fc.assert(
      fc.property(numbers, prefixes, (value, prefix) => {
        const start = (value & maskOf(prefix)) >>> 0;
        expect(usualGatewayOf(toAddress(value), prefix)).toBe(toAddress(start + 1));
        expect(networkBoundsOf(toAddress(value), prefix)).toEqual([
          toAddress(start),
          toAddress((start | ~maskOf(prefix)) >>> 0),
        ]);
      }),
    );
  });

  it('have no broadcast address where they have two addresses or one', () => {
    expect(networkBoundsOf('10.0.0.4', 31)).toEqual([]);
    expect(networkBoundsOf('10.0.0.4', 32)).toEqual([]);
  });

  it.each([
    ['192.168.1.100', 24, '192.168.1.1'],
    ['10.1.2.3', 8, '10.0.0.1'],
    ['172.16.5.130', 25, '172.16.5.129'],
    ['10.0.0.4', 31, '10.0.0.5'],
    ['10.0.0.5', 31, '10.0.0.4'],
    ['10.0.0.5', 32, undefined],
  ])('the gateway of %s/%i is usually %s', (address, prefix, first) => {
    expect(usualGatewayOf(address, prefix)).toBe(first);
  });
});
