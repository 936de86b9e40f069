import type { NetworkConfig, OsSettings } from '@turingpi/provisioning';
import { Secret } from '@turingpi/foundation';
import { describe, expect, it } from 'vitest';
import { checkSettings } from './check-settings.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnuDoMIpeMgqDLjwOYGkuExmxpFm0VB2ZFPIMRG9bB/ me';
const network: NetworkConfig = { hostname: 'node1', ipCidr: '192.168.1.100/24', gateway: '192.168.1.1' };
const good: OsSettings = {
  network,
  credentials: { username: 'ops', password: new Secret('hunter22'), sshKeys: [KEY, `restrict ${KEY}`] },
  ssh: { privateKey: undefined, passphrase: undefined },
};
const found = async (settings: OsSettings) =>
  (await checkSettings(settings)).map(({ setting, code }) => `${setting.join('.')} ${code}`);

describe('settings of a declared workflow', () => {
  it('are taken when they are right', async () => {
    expect(await found(good)).toEqual([]);
    expect(await found({ ...good, network: undefined })).toEqual([]);
  });

  it('have everything told that is wrong with them', async () => {
    const credentials = {
      username: 'Ops',
      password: new Secret('a\nb'),
      sshKeys: [KEY, 'ssh-rsa xx', '-----BEGIN OPENSSH PRIVATE KEY-----'],
      timezone: 'Mars and Venus',
      locale: 'nonsense',
      packages: ['htop', '-rf'],
    };
    const ssh = { privateKey: new Secret('id_ed25519'), passphrase: undefined };
    expect(await found({ ...good, credentials, ssh })).toEqual([
      'credentials.username USERNAME_INVALID',
      'credentials.password PASSWORD_INVALID',
      'credentials.sshKeys.1 SSH_PUBLIC_KEY_INVALID',
      'credentials.sshKeys.2 SSH_PRIVATE_KEY_GIVEN',
      'credentials.timezone TIMEZONE_INVALID',
      'credentials.locale LOCALE_INVALID',
      'credentials.packages.1 PACKAGE_NAME_INVALID',
      'ssh.privateKey SSH_PRIVATE_KEY_INVALID',
    ]);
  });

  it('have each mistake in the network told, also where several hide one another', async () => {
    const wrong = {
      ...network,
      ip6Cidr: 'fd00::5',
      gateway: '10.0.0.1',
      mtu: 1,
      vlan: 5000,
      searchDomains: ['lan', 'a b'],
    };
    expect(await found({ ...good, network: wrong })).toEqual([
      'network.ip6Cidr NETWORK_CIDR_INVALID',
      'network.gateway NETWORK_GATEWAY_UNREACHABLE',
      'network.mtu NETWORK_MTU_INVALID',
      'network.vlan NETWORK_VLAN_INVALID',
      'network.searchDomains.1 NETWORK_DOMAIN_INVALID',
    ]);
  });

  it('need an address', async () => {
    expect(await found({ ...good, network: { hostname: 'a', dhcp4: false } })).toEqual([
      'network.dhcp4 NETWORK_ADDRESS_MISSING',
    ]);
  });
});
