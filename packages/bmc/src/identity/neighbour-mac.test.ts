import { expect, test } from 'vitest';
import { macInTable } from './neighbour-mac.js';

const TABLE = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         52:54:00:12:35:02     *        eth0
192.168.1.90     0x1         0x2         02:00:4A:EA:DD:34     *        eth0
192.168.1.91     0x1         0x0         00:00:00:00:00:00     *        eth0
`;

test.each([
  ['192.168.1.90', '02:00:4a:ea:dd:34'],
  ['::ffff:192.168.1.90', '02:00:4a:ea:dd:34'],
  ['192.168.1.91', undefined],
  ['192.168.1.9', undefined],
])('%s is %s', (address, mac) => {
  expect(macInTable(TABLE, address)).toBe(mac);
});
