import { expect, it } from 'vitest';
import { installerAddress } from './installer-address.js';
import { renderSettings } from './installer-settings.js';

const NODE = { ipAddress: '192.0.2.101', prefixLength: 24, gateway: '192.0.2.1' };

function settingsFor(inputs: Parameters<typeof installerAddress>[1]['inputs']): string {
  return renderSettings(
    {
      ...{ url: 'https://192.0.2.9:4000', publicKeyPin: '', token: '', networkDevice: 'fe1c0000.ethernet' },
      ...{ drivers: [], workers: 1, target: 'emmc' },
      address: installerAddress(NODE, inputs === undefined ? {} : { inputs }),
    },
    { markOffset: 0, markBytes: 1, markDigest: '', installerBytes: 1 },
  );
}

it('is where the node will be: on the VLAN of its image, else untagged', () => {
  const tagged = settingsFor({ 'network.vlan': 7, 'network.address': '192.0.2.101/24' });
  expect(tagged).toContain("TP_ADDRESS='192.0.2.101/24'");
  expect(tagged).toContain("TP_VLAN='7'");
  for (const inputs of [undefined, {}, { 'network.dhcp4': true }, { 'network.vlan': '7; reboot' }])
    expect(settingsFor(inputs)).toContain("TP_VLAN=''");
});

it('is asked for by DHCP where the image will ask for its own', () => {
  const hostname = { 'network.hostname': 'node' };
  const dhcp = (inputs: Parameters<typeof settingsFor>[0]) => /TP_DHCP='(.*)'/.exec(settingsFor(inputs))?.[1];
  for (const inputs of [hostname, { ...hostname, 'network.dhcp4': true, 'network.address6': 'fd00::1/64' }])
    expect(dhcp(inputs)).toBe('yes');
  const fixed = { ...hostname, 'network.address': '192.0.2.101/24' };
  for (const inputs of [
    undefined,
    fixed,
    { ...fixed, 'network.dhcp4': true },
    { ...hostname, 'network.address6': 'fd00::1/64' },
  ])
    expect(dhcp(inputs)).toBe('');
});
