import { verify } from 'unixcrypt';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { FirstBootCredentials } from '@turingpi/provisioning';
import { planCredentials } from '@turingpi/provisioning';
import { detectImage } from '../detection/detect-image.js';
import { type ImageHistory, imageOf } from '../detection/image-families.fixture.js';
import { planNetwork } from '../network/network-plan.js';
import { type Customized, customize, KEY, PASSWORD, profile } from './customized-image.fixture.js';
import { customizeImage } from './customize-image.js';

const OLD_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKnrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr old@example';
const OLD_HASH = '$6$old$hash';
const OLD_SHADOW = `ada:${OLD_HASH}:19000:1:90:7:::`;

/** An image that somebody has worked with: user `ada` with password, key and a home of her own making. */
function withAda(shadow = OLD_SHADOW): ImageHistory {
  return {
    root: {
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nada:x:1003:1003:Ada:/srv/ada:/bin/dash\n',
      '/etc/group': 'root:x:0:\nsudo:x:27:\nada:x:1003:\n',
      '/etc/shadow': { content: `root:*:19700:0:99999:7:::\n${shadow}\n`, mode: 0o640, gid: 42 },
      '/srv/ada/.ssh/authorized_keys': { content: `${OLD_KEY}\n`, mode: 0o600, uid: 1003, gid: 1003 },
      '/srv/ada/.bashrc': { content: '# hers', uid: 1003, gid: 1003 },
    },
  };
}

function shadowOf({ root }: Customized, user = 'ada'): string | undefined {
  const lines = root.dump().get('/etc/shadow')!.text.split('\n');
  return lines.find((line) => line.startsWith(`${user}:`));
}

function userDataOf({ all }: Customized): { users: Record<string, unknown>[] } & Record<string, unknown> {
  const [, file] = all.flatMap((files) => [...files.dump()]).find(([path]) => path.endsWith('/user-data'))!;
  return parse(file.text) as { users: Record<string, unknown>[] };
}

const SEEDED = 'Ubuntu for RK1, v2.x (CIDATA)';
const UNSEEDED = 'Debian with ifupdown';

describe('a user who is in the image already', () => {
  const keysFile = '/srv/ada/.ssh/authorized_keys';

  it.each([SEEDED, UNSEEDED] as const)(
    'keeps keys, shell and home when a password is given: %s',
    async (name) => {
      const image = await customize(name, { username: 'ada', password: PASSWORD }, 1, { history: withAda() });
      const files = image.root.dump();
      expect(verify(PASSWORD, shadowOf(image)!.split(':')[1]!)).toBe(true);
      expect(files.get(keysFile)?.text).toBe(`${OLD_KEY}\n`);
      expect(files.get('/etc/passwd')?.text).toContain('ada:x:1003:1003:Ada:/srv/ada:/bin/dash');
      expect(files.get('/srv/ada')).toMatchObject({ mode: 0o755 });
      expect(files.has('/srv/ada/.profile')).toBe(false); // what she has removed from the skeleton stays removed
    },
  );

  it.each([SEEDED, UNSEEDED] as const)(
    'keeps the password and other keys when keys are given: %s',
    async (name) => {
      const image = await customize(name, { username: 'ada', sshKeys: [KEY] }, 1, { history: withAda() });
      expect(shadowOf(image)).toBe(OLD_SHADOW);
      expect(image.root.dump().get(keysFile)).toMatchObject({
        text: `${OLD_KEY}\n${KEY}\n`,
        mode: 0o600,
        uid: 1003,
      });
    },
  );

  it('is told to cloud-init as she is', async () => {
    const password = { username: 'ada', password: PASSWORD };
    const [withPassword, withKeys] = [
      userDataOf(await customize(SEEDED, password, 1, { history: withAda() })),
      userDataOf(await customize(SEEDED, { username: 'ada', sshKeys: [KEY] }, 1, { history: withAda() })),
    ];
    expect(withPassword.users[0]).toMatchObject({ name: 'ada', lock_passwd: false });
    expect(withPassword.users[0]).not.toHaveProperty('ssh_authorized_keys');
    expect(withKeys.users[0]).toMatchObject({ lock_passwd: false, ssh_authorized_keys: [KEY] });
    expect(withKeys.users[0]).not.toHaveProperty('hashed_passwd');
    const locked = withAda('ada:!$6$old$hash:19000:0:99999:7:::');
    const image = await customize(SEEDED, { username: 'ada', sshKeys: [KEY] }, 1, { history: locked });
    expect(userDataOf(image).users[0]).toMatchObject({ lock_passwd: true });
  });

  it('loses a password that was to be changed first: it would keep keys out, and is publicly known', async () => {
    const history = withAda(`ada:${OLD_HASH}:0:0:99999:7:::`);
    const image = await customize(UNSEEDED, { username: 'ada', sshKeys: [KEY] }, 1, { history });
    expect(shadowOf(image)).toBe('ada:!*::0:99999:7:::');
    expect(image.result.notices).toMatchObject([{ file: '/etc/shadow' }]);
  });

  it('has a line of a key once, ours', async () => {
    const history = withAda();
    const [type, bytes] = KEY.split(' ');
    const limited = `command="/bin/false",no-pty ${type} ${bytes} limited`;
    const image = await customize(UNSEEDED, { username: 'ada', sshKeys: [KEY] }, 1, {
      history: { root: { ...history.root, [keysFile]: `# mine\n${limited}\n${OLD_KEY}` } },
    });
    expect(image.root.dump().get(keysFile)?.text).toBe(`# mine\n${OLD_KEY}\n${KEY}\n`);
  });

  it('keeps a home that sshd takes keys from', async () => {
    const image = await customize(UNSEEDED, { username: 'ada', sshKeys: [KEY] }, 1, {
      history: {
        root: { ...withAda().root, '/home/x': '', '/etc/passwd': 'ada:x:1003:1003::/home:/bin/bash\n' },
      },
    });
    expect(image.root.dump().get('/home')).toMatchObject({ mode: 0o755, uid: 0 }); // root's is fine for sshd
  });
});

describe('an account of the system', () => {
  it.each([
    ['sshd', {}],
    ['www-data', {}],
    ['docker', { '/etc/group': 'root:x:0:\ndocker:x:998:\n' }],
    ['minecraft', { '/etc/passwd': 'minecraft:x:997:997::/srv:/bin/bash\n' }],
    ['backupper', { '/etc/passwd': 'backupper:x:1005:1005::/srv:/usr/sbin/nologin\n' }],
  ])('is nobody to log in with: %s', async (username, root) => {
    await expect(
      customize(UNSEEDED, { username, password: PASSWORD }, 1, { history: { root } }),
    ).rejects.toMatchObject({ code: 'USERNAME_INVALID' });
  });

  it('does not keep root out, nor a person who has a group', async () => {
    for (const username of ['root', 'ada'])
      await expect(
        customize(UNSEEDED, { username, sshKeys: [KEY] }, 1, { history: withAda() }),
      ).resolves.toBeDefined();
  });
});

describe('a host name', () => {
  const NAME = 'node1.lab.example';

  it('with dots is the same to the image and to cloud-init', async () => {
    const image = await customize(SEEDED, null, 1, { hostname: NAME });
    const files = image.root.dump();
    expect(files.get('/etc/hostname')?.text).toBe(`${NAME}\n`);
    expect(files.get('/etc/hosts')?.text).toMatch(/^127\.0\.1\.1\tnode1\.lab\.example node1$/m);
    expect(userDataOf(image)).toMatchObject({
      hostname: 'node1',
      fqdn: NAME,
      prefer_fqdn_over_hostname: true,
      preserve_hostname: false,
    });
  });

  it('that the image was given before is forgotten', async () => {
    const shipped = '#cloud-config\nfqdn: old.example.com\nhostname: old\nprefer_fqdn_over_hostname: true\n';
    const image = await customize(SEEDED, null, 1, {
      history: {
        root: { '/var/lib/cloud/data/set-hostname': '{"hostname": "old"}' },
        others: { CIDATA: { '/user-data': shipped } },
      },
    });
    const userData = userDataOf(image);
    expect(userData).toMatchObject({ hostname: 'node1', prefer_fqdn_over_hostname: false });
    expect(userData).not.toHaveProperty('fqdn');
    expect(image.root.dump().has('/var/lib/cloud/data')).toBe(false);
    expect(image.result.resetIdentity).toContain('/var/lib/cloud/data');
  });
});

it('packages keep files that are there already, with nobody to ask', async () => {
  const { root } = await customize(UNSEEDED, { packages: ['nginx'] });
  expect(root.dump().get('/usr/local/lib/turingpi/first-boot')?.text).toMatch(
    /noninteractive[^]*-o Dpkg::Options::=--force-confold install --yes nginx/,
  );
});

describe('an image without sudo', () => {
  it('is told of, or refused where commands are to run as root', async () => {
    const { root, partitions } = imageOf(UNSEEDED);
    await root.remove('/usr/bin/sudo');
    const detected = await detectImage(partitions);
    const customizeFor = async (credentials: FirstBootCredentials, requiresSudo: boolean) =>
      customizeImage(partitions, detected, {
        ...{ network: planNetwork({ hostname: 'node1', ipCidr: '192.168.1.100/24' }), profile, hostKeys: [] },
        credentials: await planCredentials(credentials),
        passwordHash: undefined,
        instanceId: 'turingpi-test',
        requiresSudo,
      });
    const ops = { username: 'ops', sshKeys: [KEY] };
    await expect(customizeFor(ops, true)).rejects.toMatchObject({ code: 'SUDO_MISSING' });
    expect((await customizeFor(ops, false)).notices).toMatchObject([{ file: '/usr/bin/sudo' }]);
    for (const credentials of [
      { ...ops, username: 'root' },
      { ...ops, packages: ['sudo'] },
    ])
      expect((await customizeFor(credentials, true)).notices).toEqual([]);
  });
});

it('sudo reads our rule also where the image does not read the directory', async () => {
  const sudoers = 'root ALL=(ALL:ALL) ALL\n';
  const read = async (text: string) =>
    (await customize(UNSEEDED, { sshKeys: [KEY] }, 1, { history: { root: { '/etc/sudoers': text } } })).root
      .dump()
      .get('/etc/sudoers')?.text;
  expect(await read(sudoers)).toBe(`${sudoers}#includedir /etc/sudoers.d\n`);
  for (const line of ['@includedir /etc/sudoers.d\n', '#includedir /etc/sudoers.d\n'])
    expect(await read(sudoers + line)).toBe(sudoers + line);
});

it('what keeps everybody out, or lets nobody in as asked, is said with its file', async () => {
  const image = await customize(UNSEEDED, { username: 'ops', sshKeys: [KEY] }, 1, {
    history: {
      root: { '/etc/nologin': 'maintenance', '/etc/ssh/sshd_config.d/00-x.conf': 'AllowUsers ada\n' },
    },
  });
  expect(image.root.dump().has('/etc/nologin')).toBe(false);
  expect(image.result.notices.map(({ file }) => file)).toEqual([
    '/etc/nologin',
    '/etc/ssh/sshd_config.d/00-x.conf:1',
  ]);
  await expect(
    customize(UNSEEDED, { username: 'ops', sshKeys: [KEY] }, 1, {
      history: { root: { '/etc/ssh/sshd_config.d/00-x.conf': 'DenyUsers ops\n' } },
    }),
  ).rejects.toMatchObject({ code: 'SSHD_CONTRADICTS' });
});

it("an earlier customisation of Raspberry Pi OS does not rename the image's user", async () => {
  const image = await customize('Raspberry Pi OS Bookworm', undefined, 1, {
    history: {
      others: { bootfs: { '/userconf.txt': 'eve:hash', '/custom.toml': '[user]\nname = "eve"\n' } },
    },
  });
  expect([...image.all[1]!.dump().keys()]).not.toContainEqual(expect.stringMatching(/userconf|custom/));
  expect(image.result.notices.map(({ file }) => file)).toEqual([
    'bootfs:/custom.toml',
    'bootfs:/userconf.txt',
  ]);
});

describe('cloud-init reads our seed', () => {
  const installer = '/etc/cloud/cloud.cfg.d/99-installer.cfg';

  it('also where an installer has left it without one', async () => {
    const { root } = await customize(SEEDED, null, 1, {
      history: { root: { [installer]: 'datasource_list: [None]\ndatasource:\n  None: {}\n' } },
    });
    expect(root.dump().get('/etc/cloud/cloud.cfg.d/99-turingpi-datasource.cfg')?.text).toContain('NoCloud');
    const fresh = await customize(SEEDED, null);
    expect(fresh.root.dump().has('/etc/cloud/cloud.cfg.d/99-turingpi-datasource.cfg')).toBe(false);
  });

  it('or is refused with the file that keeps it from it', async () => {
    const last = '/etc/cloud/cloud.cfg.d/zz-site.cfg';
    await expect(
      customize(SEEDED, null, 1, { history: { root: { [last]: 'datasource_list: [Ec2]\n' } } }),
    ).rejects.toMatchObject({
      code: 'FIRST_BOOT_CONTRADICTS',
      message: expect.stringContaining(last) as string,
    });
  });

  it('or is not what prepares an image in which it never runs', async () => {
    const { detected } = await customize(SEEDED, null, 1, {
      history: { root: { '/etc/cloud/ds-identify.cfg': 'policy: disabled\n' } },
    });
    expect(detected.cloudInit.state).toBe('disabled');
  });
});
