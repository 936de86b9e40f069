import { operatingSystemCases, type OperatingSystemSubject } from '@turingpi/conformance';
import debian from '@turingpi/os-debian';
import ubuntu from '@turingpi/os-ubuntu';
import { baseImagePath } from '@turingpi/virtual-node';
import { describe, it } from 'vitest';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ ops@example';
const network = { hostname: 'node1', ipCidr: '10.0.0.11/24', gateway: '10.0.0.1', dnsServers: ['10.0.0.1'] };

/** The same is asked of every Linux. */
const ASKED = {
  asked: {
    network,
    credentials: { username: 'ops', password: 'correct horse battery', sshKeys: [KEY] },
  },
  otherwise: { network: { ...network, hostname: 'node2' } },
  wrong: [
    {
      title: 'an address without a prefix length',
      network: { ...network, ipCidr: '10.0.0.11' },
      code: 'NETWORK_CIDR_INVALID',
    },
    {
      title: 'a host name with a space',
      network: { ...network, hostname: 'node 1' },
      code: 'HOSTNAME_INVALID',
    },
    { title: 'a user of the system', credentials: { username: 'sshd' }, code: 'USERNAME_INVALID' },
    { title: 'an empty password', credentials: { password: '' }, code: 'PASSWORD_EMPTY' },
  ],
} as const;

const UBUNTU_IMAGE = baseImagePath('rk1-ubuntu.img.xz');
const DEBIAN_IMAGE = baseImagePath('rpi-debian.img.xz');

const SUBJECTS: readonly OperatingSystemSubject[] = [
  {
    ...ASKED,
    plugin: ubuntu,
    id: 'ubuntu',
    board: 'rk1',
    baseImage: UBUNTU_IMAGE,
    foreignImage: DEBIAN_IMAGE,
  },
  {
    ...ASKED,
    plugin: debian,
    id: 'debian',
    board: 'cm4',
    baseImage: DEBIAN_IMAGE,
    foreignImage: UBUNTU_IMAGE,
  },
];

describe.each(SUBJECTS)('the operating system $id', (subject) => {
  for (const { name, run } of operatingSystemCases(subject)) it(name, run);
});
