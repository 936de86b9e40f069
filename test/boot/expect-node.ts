import { Secret } from '@turingpi/foundation';
import { connectSsh, type SshSession } from '@turingpi/runtime';
import { type ExpectStatic } from 'vitest';
import type { BootFamily } from './boot-families.js';
import { EMMC_BYTES, NETWORK, type ProvisionedNode, TIMEZONE } from './provision.js';

/** As `ip -json address show` tells it. */
interface Interface {
  readonly ifname: string;
  readonly mtu: number;
  readonly addr_info: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly scope: string;
    readonly dynamic?: boolean;
  }[];
}

type Run = (command: string) => Promise<string>;

/** What `locale; date +%A` prints where German is the system's language, and really there. */
const IN_GERMAN = /^LANG=de_DE\.UTF-8\n[\s\S]*\n(Mon|Diens|Mitt|Donners|Frei|Sams|Sonn)(tag|woch)$/;
/** Emulated nodes take their time to agree on keys while they still start services. */
const SLOW = { connectTimeoutMs: 60_000 } as const;

/** Whether everything that was asked for is true on a running node. */
export async function expectNode(
  expect: ExpectStatic,
  family: BootFamily,
  node: ProvisionedNode,
  signal: AbortSignal,
): Promise<void> {
  await using session = await connectSsh(node.target(node.key), { signal, ...SLOW });
  expect(node.hostKeys.map(withoutComment)).toContain(withoutComment(session.hostKey));
  await expectLogins(expect, family, node, signal);
  const run: Run = async (command) => {
    const { stdout } = await session.exec(command, { signal, timeoutMs: 300_000 });
    return stdout.trim();
  };

  expect(await run('hostname; cat /etc/hostname; getent hosts "$(hostname)"')).toMatch(
    new RegExp(`^${node.hostname}\n${node.hostname}\n127\\.0\\.1\\.1\\s+${node.hostname}$`),
  );
  await expectNetwork(expect, run);
  await expectInterface(expect, family, run);
  await expectFiles(expect, node, run);
  await expectNoPassword(expect, node, session, signal);
  expect(await run('readlink -f /etc/localtime; date +%Z')).toMatch(
    new RegExp(`^/usr/share/zoneinfo/${TIMEZONE}\nCES?T$`),
  );
  if (family.locale !== undefined) expect(await run('locale; date +%A')).toMatch(IN_GERMAN);
  for (const name of family.packages ?? []) expect(await run(name)).toBe('hello');
  expect(await run('systemctl --failed --plain --no-legend')).toBe('');
  expect(await run('systemctl cat getty@tty1.service serial-getty@ttyS0.service')).not.toContain(
    '--autologin',
  );
  if (family.cloudInit) await expectCloudInit(expect, session, signal);
  if (family.grows)
    expect(Number(await run('df --block-size=1 --output=size / | tail -n 1'))).toBeGreaterThan(
      EMMC_BYTES * 0.8,
    );
}

/** The password works too, others do not, and what the image shipped with is gone. */
async function expectLogins(
  expect: ExpectStatic,
  { shippedLogin }: BootFamily,
  { target, password, username: user }: ProvisionedNode,
  signal: AbortSignal,
): Promise<void> {
  await using session = await connectSsh(target({ password }), { signal, ...SLOW });
  expect((await session.exec(['id', '-un'], { signal })).stdout.trim()).toBe(user);
  await session.exec(['true'], { signal, sudo: true });
  if (!shippedLogin) return;
  const { username, password: shipped } = shippedLogin;
  const attempt = connectSsh(target({ password: new Secret(shipped) }, username), { signal, ...SLOW });
  await expect(attempt).rejects.toMatchObject({ code: 'SSH_AUTH_REFUSED' });
}

/** Our addresses and no other: DHCP and router advertisements are there, and nobody listens to them. */
async function expectNetwork(expect: ExpectStatic, run: Run): Promise<void> {
  const interfaces = await interfacesOf(run);
  const addresses = interfaces.flatMap(({ addr_info: all }) =>
    all
      .filter(({ scope }) => scope !== 'link')
      .map(({ local, prefixlen, dynamic }) => [`${local}/${prefixlen}`, dynamic]),
  );
  expect(addresses).toEqual([
    [NETWORK.ipCidr, undefined],
    [NETWORK.ip6Cidr, undefined],
  ]);
  const gatewayOf = async (family: 4 | 6): Promise<string[]> => {
    const routes = await run(`ip -${family} -json route show default`);
    return (JSON.parse(routes) as readonly { gateway: string }[]).map(({ gateway }) => gateway);
  };
  expect(await gatewayOf(4)).toEqual([NETWORK.gateway]);
  expect(await gatewayOf(6)).toEqual([NETWORK.gateway6]);
  const resolver = await run('resolvectl dns 2>/dev/null && resolvectl domain || cat /etc/resolv.conf');
  for (const expected of [...NETWORK.dnsServers, ...NETWORK.searchDomains])
    expect(resolver).toContain(expected);
  expect(await run('pgrep -l "^(dhclient|dhcpcd|udhcpc)$" || true')).toBe('');
}

/** The address is on the right interface, which is of the right size. */
async function expectInterface(expect: ExpectStatic, { vlan }: BootFamily, run: Run): Promise<void> {
  const [own, ...others] = (await interfacesOf(run)).filter(({ addr_info: all }) => all.length > 0);
  expect(others).toEqual([]); // under a VLAN the raw interface has no address at all
  expect(own?.mtu).toBe(NETWORK.mtu);
  if (vlan === undefined) expect(own?.ifname).toMatch(/^e/);
  else
    expect(await run(`ip -details -oneline link show ${own!.ifname}`)).toContain(
      `vlan protocol 802.1Q id ${vlan} `,
    );
}

async function interfacesOf(run: Run): Promise<readonly Interface[]> {
  const interfaces = JSON.parse(await run('ip -json address show')) as readonly Interface[];
  return interfaces.filter(({ ifname }) => ifname !== 'lo');
}

async function expectFiles(expect: ExpectStatic, { hostKeys }: ProvisionedNode, run: Run): Promise<void> {
  const files = '/etc/my_app/config /etc/my_app/secret /usr/local/bin/script.sh';
  expect((await run(`sudo stat -c '%a %u:%g %n' ${files}`)).split('\n')).toEqual([
    '640 0:0 /etc/my_app/config',
    '600 1:1 /etc/my_app/secret',
    '755 0:0 /usr/local/bin/script.sh',
  ]);
  expect(await run('sudo cat /etc/my_app/config /etc/my_app/secret; /usr/local/bin/script.sh')).toBe(
    'data\nfor my eyes\nok',
  );
  await run('test -e /var/lib/post-installed');
  const keys = await run('cat /etc/ssh/ssh_host_*_key.pub');
  expect(keys.split('\n').sort()).toEqual([...hostKeys].sort());
  expect(await run('stat -c %a ~/.ssh ~/.ssh/authorized_keys')).toBe('700\n600');
}

/** The password is nowhere on the node in clear. */
async function expectNoPassword(
  expect: ExpectStatic,
  { password }: ProvisionedNode,
  session: SshSession,
  signal: AbortSignal,
): Promise<void> {
  // The password comes on standard input: in an argument, sudo itself would log it.
  const { stdout } = await session.exec(
    ['grep', '-rlF', '-f', '-', '/etc', '/var', '/boot', '/run/cloud-init'],
    {
      ...{ signal, sudo: true, allowFailure: true, input: `${password.reveal()}\n` },
    },
  );
  expect(stdout).toBe('');
}

async function expectCloudInit(
  expect: ExpectStatic,
  session: SshSession,
  signal: AbortSignal,
): Promise<void> {
  const status = await session.exec(['cloud-init', 'status', '--wait', '--long'], {
    signal,
    allowFailure: true,
    timeoutMs: 600_000,
  });
  expect(status.stdout).toMatch(/^status: done$/m);
  expect(status.exitCode).toBe(0);
}

function withoutComment(publicKey: string): string {
  return publicKey.split(' ').slice(0, 2).join(' ');
}
