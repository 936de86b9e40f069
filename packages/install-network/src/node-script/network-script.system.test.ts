import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LEASE_SCRIPT } from './lease-script.js';
import { NETWORK_SCRIPT } from './network-script.js';

const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
/** A shell may have a program of this name inside that can do less. */
const IP = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip'].find((path) => existsSync(path)) ?? 'ip';
const canIsolate =
  spawnSync('unshare', ['-rn', 'ip', 'tuntap', 'add', 'mode', 'tap', 'name', 'a0'], { env: ENVIRONMENT })
    .status === 0;

/** Both ends of a cable, and busybox's own DHCP server and client. */
const canLease =
  canIsolate &&
  ['udhcpc', 'udhcpd'].every((name) => spawnSync('busybox', [name, '--help']).status === 0) &&
  spawnSync('unshare', ['-rn', 'ip', 'link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'a1'], {
    env: ENVIRONMENT,
  }).status === 0;

/** Not every kernel that tests run on has VLANs. */
const hasVlans =
  spawnSync(
    'unshare',
    ['-rn', 'sh', '-c', 'ip tuntap add mode tap name a0 && ip link add link a0 name v7 type vlan id 7'],
    {
      env: ENVIRONMENT,
    },
  ).status === 0;
/** An `ip` with which a VLAN is a port of its own, for those kernels; as they do, it knows none above 4094. */
const IP_WITHOUT_VLANS = `#!/bin/sh
case "$*" in
"link add link "*" type vlan id 5000") echo "Error: 8021q: Invalid VLAN id." >&2; exit 2 ;;
"link add link "*" type vlan id "*) exec "${IP}" tuntap add mode tap name "$6" ;;
*) exec "${IP}" "$@" ;;
esac
`;

/** Runs lines after the script in a network of their own that has some interfaces, with a `/sys` that says where they are. */
function run(
  devices: Readonly<Record<string, string>>,
  lines: string,
  {
    shell = 'sh',
    vlan = '',
    more = '',
  }: { readonly shell?: string; readonly vlan?: string; readonly more?: string } = {},
): string {
  const directory = mkdtempSync(join(tmpdir(), 'network-script-'));
  try {
    writeFileSync(join(directory, 'ip'), IP_WITHOUT_VLANS, { mode: 0o755 });
    writeFileSync(join(directory, 'lease'), LEASE_SCRIPT, { mode: 0o755 });
    for (const [name, device] of Object.entries(devices)) {
      const entry = join(directory, 'class/net', name);
      mkdirSync(join(directory, 'devices', device), { recursive: true });
      mkdirSync(entry, { recursive: true });
      symlinkSync(join(directory, 'devices', device), join(entry, 'device'));
      writeFileSync(join(entry, 'carrier'), '1\n');
    }
    const made = Object.keys(devices).map((name) => `"${IP}" tuntap add mode tap name ${name}`);
    const settings = `TP_BIN=${hasVlans ? dirname(IP) : directory}/ TP_SYS=${directory} TP_NET_DEVICE=fe1c0000.ethernet TP_ADDRESS=192.0.2.101/24 TP_GATEWAY=192.0.2.1 TP_ON_LINK= TP_VLAN=${vlan} TP_LEASE=${directory}/lease ${more}`;
    const script = [settings, NETWORK_SCRIPT, ...made, lines].join('\n');
    return execFileSync('unshare', ['-rn', ...shell.split(' '), '-c', script], {
      env: ENVIRONMENT,
      encoding: 'utf8',
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const OWN = 'platform/fe1c0000.ethernet';
const CARD = 'pci0000:00/0000:01:00.0';

describe.skipIf(!canIsolate)('the network of an installer (needs namespaces)', () => {
  it.each(['dash', 'busybox ash', 'bash --posix'])(
    'is on the port of the module, whatever else is there: %s',
    (shell) => {
      if (spawnSync(shell.split(' ')[0]!, ['-c', 'true']).error !== undefined) return;
      const said = run(
        { a0: CARD, z9: OWN },
        'configure "$(find_interface any)" && $TP_BIN/ip -4 -o address show && $TP_BIN/ip route',
        { shell },
      );
      expect(said).toMatch(/ z9 +inet 192\.0\.2\.101\/24/);
      expect(said).toContain('default via 192.0.2.1 dev z9');
      expect(said).not.toContain(' a0 ');
    },
  );

  it('is on the only port there is when a kernel knows it by another path, and on none of two', () => {
    expect(run({ a0: CARD }, 'find_interface any')).toBe('a0\n');
    expect(run({ a0: CARD, a1: 'usb/1-1' }, 'find_interface any || echo none')).toBe('none\n');
  });

  it('is on a VLAN of that port, and stays on it when it is made ready again', () => {
    const ready = 'configure "$(find_interface any)"';
    const said = run(
      { a0: CARD, z9: OWN },
      `${ready} && ${ready} && $TP_BIN/ip -4 -o address show && $TP_BIN/ip route`,
      {
        vlan: '7',
      },
    );
    expect(said.match(/ inet /g)).toHaveLength(1);
    expect(said).toMatch(/ vlan7 +inet 192\.0\.2\.101\/24/);
    expect(said).toContain('default via 192.0.2.1 dev vlan7');
  });

  it.skipIf(!canLease)('has the address and the gateway that a DHCP server gives it', () => {
    const server = [
      'ip link delete z9; ip link add z9 type veth peer name server',
      'ip address add 192.0.2.1/24 dev server; ip link set server up',
      'set -- "start 192.0.2.50" "end 192.0.2.50" "interface server" "lease_file $TP_SYS/leases"',
      'set -- "$@" "option subnet 255.255.255.128" "option router 192.0.2.9"',
      'for line in "$@"; do echo "$line"; done >$TP_SYS/udhcpd',
      ': >$TP_SYS/leases; busybox udhcpd -f -a 50 $TP_SYS/udhcpd >&2 & server=$!',
    ].join('\n');
    const said = run(
      { z9: OWN },
      `${server}\nconfigure z9 && ip -4 -o address show dev z9 && ip route; kill $server`,
      { more: 'TP_DHCP=yes' },
    );
    expect(said).toContain('turingpi-installer: the address 192.0.2.50/25 by DHCP\n');
    expect(said.match(/ inet \S+/g)).toEqual([' inet 192.0.2.50/25']);
    expect(said).toContain('default via 192.0.2.9 dev z9');
  });

  it.skipIf(!canLease)('has its configured address where no DHCP server answers', () => {
    const said = run({ z9: OWN }, 'configure z9 && $TP_BIN/ip -4 -o address show dev z9', {
      more: 'TP_DHCP=yes TP_DHCP_TRIES=1',
    });
    expect(said).toContain('no address by DHCP, so that 192.0.2.101/24 is taken');
    expect(said).toMatch(/ z9 +inet 192\.0\.2\.101\/24/);
  });

  it('says when there can be no such VLAN', () => {
    expect(run({ z9: OWN }, 'configure "$(find_interface any)" || echo "gave up"', { vlan: '5000' })).toBe(
      'turingpi-installer: failed: the kernel makes no VLAN 5000 on z9\ngave up\n',
    );
  });
});
