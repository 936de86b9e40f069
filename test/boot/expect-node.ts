import { Secret } from '@turingpi/core';
import { connectSsh, type SshSession } from '@turingpi/runtime';
import { type ExpectStatic } from 'vitest';
import type { BootFamily } from './boot-families.js';
import { ADDRESS, EMMC_BYTES, GATEWAY, NAME_SERVER, type ProvisionedNode, USER } from './provision.js';

interface Interface {
  readonly ifname: string;
  readonly addr_info: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly dynamic?: boolean;
  }[];
}

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
  const run = async (command: string): Promise<string> => {
    const { stdout } = await session.exec(command, { signal, timeoutMs: 300_000 });
    return stdout.trim();
  };

  expect(await run('hostname; cat /etc/hostname; getent hosts "$(hostname)"')).toMatch(
    new RegExp(`^${node.hostname}\n${node.hostname}\n127\\.0\\.1\\.1\\s+${node.hostname}$`),
  );
  await expectNetwork(expect, run);
  await expectFiles(expect, node, run);
  await expectNoPassword(expect, node, session, signal);
  expect(await run('readlink -f /etc/localtime')).toBe('/usr/share/zoneinfo/Europe/Berlin');
  expect(await run('systemctl --failed --plain --no-legend')).toBe('');
  if (family.cloudInit) await expectCloudInit(expect, session, signal);
  if (family.grows)
    expect(Number(await run('df --block-size=1 --output=size / | tail -n 1'))).toBeGreaterThan(
      EMMC_BYTES * 0.6,
    );
}

/** The password works too, others do not, and what the image shipped with is gone. */
async function expectLogins(
  expect: ExpectStatic,
  { shippedLogin }: BootFamily,
  { target, password }: ProvisionedNode,
  signal: AbortSignal,
): Promise<void> {
  await using session = await connectSsh(target({ password }), { signal, ...SLOW });
  expect((await session.exec(['id', '-un'], { signal })).stdout.trim()).toBe(USER);
  await session.exec(['true'], { signal, sudo: true });
  if (!shippedLogin) return;
  const { username, password: shipped } = shippedLogin;
  const attempt = connectSsh(target({ password: new Secret(shipped) }, username), { signal, ...SLOW });
  await expect(attempt).rejects.toMatchObject({ code: 'SSH_AUTH_REFUSED' });
}

/** Our address and no other: DHCP is there to answer, and nobody asks it. */
async function expectNetwork(expect: ExpectStatic, run: (command: string) => Promise<string>): Promise<void> {
  const interfaces = JSON.parse(await run('ip -4 -json address show')) as readonly Interface[];
  const addresses = interfaces
    .filter(({ ifname }) => ifname !== 'lo')
    .flatMap(({ addr_info: all }) =>
      all.map(({ local, prefixlen, dynamic }) => ({ local, prefixlen, dynamic })),
    );
  expect(addresses).toEqual([{ local: ADDRESS, prefixlen: 24, dynamic: undefined }]);
  const routes = JSON.parse(await run('ip -4 -json route show default')) as readonly { gateway: string }[];
  expect(routes.map(({ gateway }) => gateway)).toEqual([GATEWAY]);
  expect(await run('resolvectl dns 2>/dev/null || cat /etc/resolv.conf')).toContain(NAME_SERVER);
  expect(await run('pgrep -l "^(dhclient|dhcpcd|udhcpc)$" || true')).toBe('');
}

async function expectFiles(
  expect: ExpectStatic,
  { hostKeys }: ProvisionedNode,
  run: (command: string) => Promise<string>,
): Promise<void> {
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
