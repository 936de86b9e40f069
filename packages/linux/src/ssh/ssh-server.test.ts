import { describe, expect, it } from 'vitest';
import { MemoryImageFiles, type TreeEntry } from '../detection/memory-image-files.fixture.js';
import { applySshServer, checkSshServer } from './ssh-server.js';
import type { SshLogin } from './sshd-access.js';
import { readSshdConfig } from './sshd-config.js';

const INCLUDE = 'Include /etc/ssh/sshd_config.d/*.conf\n';
const KEYS: SshLogin = {
  username: 'ops',
  groups: ['ops', 'sudo'],
  home: '/home/ops',
  keyTypes: ['ssh-ed25519'],
  passwordLocked: true,
  passwordAuthentication: false,
};
const PASSWORD: SshLogin = { ...KEYS, keyTypes: [], passwordLocked: false, passwordAuthentication: true };
const PLACE = { hostKeyPaths: ['/etc/ssh/ssh_host_ed25519_key'], addresses: ['192.168.1.100'] };

async function apply(login: SshLogin, tree: Readonly<Record<string, TreeEntry>>) {
  const root = new MemoryImageFiles({ '/etc/ssh/sshd_config': INCLUDE, ...tree });
  const settings = {
    passwordAuthentication: login.passwordAuthentication,
    permitRootPassword: login.username === 'root' && login.passwordAuthentication === true,
  };
  const notices = await applySshServer(root, settings, { login, place: PLACE });
  return { root, notices, files: root.dump(), config: await readSshdConfig(root) };
}

/** What sshd takes for everybody: the first value said. */
async function effective(login: SshLogin, tree: Readonly<Record<string, TreeEntry>>, keyword: string) {
  const { config } = await apply(login, tree);
  return config.find((setting) => setting.keyword === keyword)?.values.join(' ');
}

describe('a hardened SSH server in the image does not win over what was asked for', () => {
  it.each([
    [
      'a file that sorts before ours',
      { '/etc/ssh/sshd_config.d/00-hardening.conf': 'PasswordAuthentication no\n' },
    ],
    [
      'a file that sorts before digits',
      { '/etc/ssh/sshd_config.d/+first.conf': 'PasswordAuthentication no\n' },
    ],
    [
      'the main file, before it includes',
      { '/etc/ssh/sshd_config': `PasswordAuthentication no\n${INCLUDE}` },
    ],
    ['the main file, which includes nothing', { '/etc/ssh/sshd_config': 'passwordauthentication=no\n' }],
    ['the main file, for a Match', { '/etc/ssh/sshd_config': `Match all\n  ${INCLUDE}` }],
    [
      'a file of another directory',
      {
        '/etc/ssh/sshd_config': `Include hard/*.conf\n${INCLUDE}`,
        '/etc/ssh/hard/a.conf': 'PasswordAuthentication no # by policy\n',
      },
    ],
  ])('%s', async (_, tree) => {
    expect(await effective(PASSWORD, tree, 'passwordauthentication')).toBe('yes');
  });

  it.each([
    [KEYS, 'PubkeyAuthentication no', 'pubkeyauthentication', 'yes'],
    [
      KEYS,
      'AuthorizedKeysFile /etc/ssh/keys/%u',
      'authorizedkeysfile',
      '.ssh/authorized_keys /etc/ssh/keys/%u',
    ],
    [KEYS, 'AuthorizedKeysFile none', 'authorizedkeysfile', '.ssh/authorized_keys'],
    [KEYS, 'AuthenticationMethods publickey,password', 'authenticationmethods', 'publickey'],
    [KEYS, 'AllowUsers pi@10.0.0.* ada', 'allowusers', 'ops'],
    [KEYS, 'AllowGroups ssh-users', 'allowgroups', 'ops'],
    [KEYS, 'MaxSessions 0', 'maxsessions', '10'],
    [KEYS, 'UsePAM no', 'usepam', 'yes'],
    [{ ...KEYS, passwordLocked: false }, 'UsePAM no', 'usepam', 'no'],
    [{ ...KEYS, username: 'root' }, 'PermitRootLogin no', 'permitrootlogin', 'prohibit-password'],
    [{ ...PASSWORD, username: 'root' }, 'PermitRootLogin no', 'permitrootlogin', 'yes'],
    [
      { ...KEYS, keyTypes: ['ssh-rsa'] },
      'PubkeyAcceptedKeyTypes ssh-ed25519',
      'pubkeyacceptedalgorithms',
      'ssh-ed25519,rsa-sha2-512,rsa-sha2-256',
    ],
  ] as const)('%o: %s', async (login, line, keyword, value) => {
    const tree = { '/etc/ssh/sshd_config.d/50-hardening.conf': `${line}\n` };
    expect(await effective(login, tree, keyword)).toBe(value);
    const { notices } = await apply(login, tree);
    for (const { file } of notices) expect(file).toBe('/etc/ssh/sshd_config.d/50-hardening.conf:1');
  });

  it('is won over for our user only where the image tells users apart', async () => {
    const { files } = await apply(PASSWORD, {
      '/etc/ssh/sshd_config': `${INCLUDE}Match Group sudo\n  PasswordAuthentication no\n  AuthenticationMethods publickey\n`,
    });
    expect(files.get('/etc/ssh/sshd_config.d/10-turingpi.conf')?.text).toBe(
      'PasswordAuthentication yes\nKbdInteractiveAuthentication yes\nMatch User ops\n' +
        '    PasswordAuthentication yes\n    AuthenticationMethods password\n',
    );
  });

  it.each([
    'PubkeyAuthentication yes',
    'AuthorizedKeysFile %h/.ssh/authorized_keys',
    'AuthenticationMethods publickey password,publickey',
    'AllowUsers o*',
    'AllowUsers ops@192.168.1.*',
    'AllowGroups sudo,!root',
    'DenyUsers ada',
    'DenyGroups nogroup',
    'PermitRootLogin no',
    'ForceCommand none',
    'PubkeyAcceptedAlgorithms +ssh-rsa',
    'Match User ada\nForceCommand /bin/false',
    'Match User *,!ops\nAllowUsers ada',
    'Match Group ada\nChrootDirectory /srv',
  ])('is left alone where it lets our user in: %s', async (text) => {
    const { files, notices } = await apply(KEYS, { '/etc/ssh/sshd_config.d/50-x.conf': `${text}\n` });
    expect(files.get('/etc/ssh/sshd_config.d/10-turingpi.conf')?.text).toBe(
      'PasswordAuthentication no\nKbdInteractiveAuthentication no\n',
    );
    expect(files.get('/etc/ssh/sshd_config')?.text).toBe(INCLUDE);
    expect(notices).toEqual([]);
  });

  it.each([
    ['DenyUsers guest ops', {}],
    ['DenyGroups sudo', {}],
    ['ForceCommand internal-sftp', {}],
    ['ChrootDirectory /srv/jail', {}],
    ['Match Group sudo\nForceCommand /usr/bin/menu', {}],
  ])('is refused, with the name of the file, where nothing can win: %s', async (text, tree) => {
    const file = '/etc/ssh/sshd_config.d/50-hardening.conf';
    await expect(apply(KEYS, { ...tree, [file]: `# policy\n${text}\n` })).rejects.toMatchObject({
      code: 'SSHD_CONTRADICTS',
      message: expect.stringContaining(`${file}:`) as string,
    });
  });

  it("is refused when it is in the service's options", async () => {
    await expect(
      apply(KEYS, { '/etc/default/ssh': 'SSHD_OPTS="-4 -o PubkeyAuthentication=no"\n' }),
    ).rejects.toMatchObject({ code: 'SSHD_CONTRADICTS', details: { files: ['/etc/default/ssh'] } });
  });

  it('is told of where it depends on where a login comes from', async () => {
    const { notices } = await apply(KEYS, {
      '/etc/ssh/sshd_config.d/50-x.conf': 'Match Address 10.0.0.0/8\nForceCommand /bin/false\n',
    });
    expect(notices).toMatchObject([{ file: '/etc/ssh/sshd_config.d/50-x.conf:2' }]);
  });
});

describe('settings of the machine that an image was taken from', () => {
  it('do not put other host keys before ours, or listen at an address of another node', async () => {
    const { config, notices } = await apply(KEYS, {
      '/etc/ssh/sshd_config.d/50-site.conf': 'HostKey /etc/ssh/site_key\nListenAddress 192.168.1.50:22\n',
    });
    const values = (keyword: string) =>
      config.filter((setting) => setting.keyword === keyword).map((setting) => setting.values[0]);
    expect(values('hostkey')).toEqual(['/etc/ssh/ssh_host_ed25519_key', '/etc/ssh/site_key']);
    expect(values('listenaddress')).toEqual(['192.168.1.100', '192.168.1.50:22']);
    expect(notices).toHaveLength(2);
  });

  it.each([
    'ListenAddress 0.0.0.0',
    'ListenAddress [::]:22',
    'ListenAddress 192.168.1.100:22',
    'HostKey /etc/ssh/ssh_host_rsa_key',
  ])('stay where they are of any: %s', async (line) => {
    expect((await apply(KEYS, { '/etc/ssh/sshd_config.d/50-x.conf': `${line}\n` })).notices).toEqual([]);
  });
});

it('a port that nobody will look at is told of', async () => {
  const tree = (port: string) => ({ '/etc/ssh/sshd_config.d/50-x.conf': `Port ${port}\n` });
  expect((await apply(KEYS, tree('2222'))).notices).toMatchObject([
    { file: '/etc/ssh/sshd_config.d/50-x.conf:1' },
  ]);
  expect((await apply(KEYS, tree('2222\nPort 22'))).notices).toEqual([]);
});

it('changes that come after ours are looked at as well', async () => {
  const { root } = await apply(KEYS, {});
  expect(await checkSshServer(root, KEYS)).toEqual([]);
  await root.writeFile('/etc/ssh/sshd_config.d/00-mine.conf', 'AllowUsers somebody\n');
  await expect(checkSshServer(root, KEYS)).rejects.toMatchObject({ code: 'SSHD_CONTRADICTS' });
});
