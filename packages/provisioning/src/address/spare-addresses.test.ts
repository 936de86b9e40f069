import { expect, it } from 'vitest';
import { spareAddresses } from './spare-addresses.js';

it('spare addresses are hosts of the network that nothing has, from its end', () => {
  const known = new Set(['192.168.1.254', '192.168.1.252']);
  expect(spareAddresses('192.168.1.7/24', known)).toEqual([
    '192.168.1.253',
    '192.168.1.251',
    '192.168.1.250',
  ]);
  expect(spareAddresses('10.0.0.9/30', new Set(['10.0.0.10']))).toEqual(['10.0.0.9']);
  expect(spareAddresses('10.0.0.9/30', new Set(['10.0.0.10', '10.0.0.9']))).toEqual([]);
  expect(spareAddresses('10.0.0.0/31', new Set())).toEqual([]);
  expect(spareAddresses('172.16.200.1/16', new Set())[0]).toBe('172.16.255.254');
});
