import { expect, it } from 'vitest';
import type { NetworkStackState } from '../detection/detected-image.js';
import { MemoryImageFiles } from '../detection/memory-image-files.fixture.js';
import { applyNetwork } from './apply-network.js';
import { planNetwork } from './network-plan.js';
import { staticIpv4 } from './network-variants.fixture.js';

const LEFT_BEHIND = 'auto eth0\niface eth0 inet dhcp\n';

it.each<Omit<NetworkStackState, 'reason'>>([
  { stack: 'netplan', renderer: 'networkd' },
  { stack: 'netplan', renderer: 'NetworkManager' },
  { stack: 'network-manager', renderer: 'NetworkManager' },
  { stack: 'systemd-networkd', renderer: 'networkd' },
  { stack: 'ifupdown', renderer: 'networkd' },
])('ifupdown asks no DHCP server for the wired interface beside $stack ($renderer)', async (state) => {
  const other = 'iface wlan0 inet dhcp\n';
  const root = new MemoryImageFiles({
    '/etc/network/interfaces': LEFT_BEHIND,
    '/etc/network/interfaces.d/eth0': LEFT_BEHIND,
    '/etc/network/interfaces.d/wlan0': other,
  });
  await applyNetwork(root, planNetwork(staticIpv4), { ...state, reason: 'told' });
  const files = root.dump();
  expect(files.get('/etc/network/interfaces')?.text).toContain('auto lo\n');
  expect(files.get('/etc/network/interfaces')?.text).not.toContain('dhcp');
  expect(files.has('/etc/network/interfaces.d/eth0')).toBe(false);
  expect(files.get('/etc/network/interfaces.d/wlan0')?.text).toBe(other);
});
