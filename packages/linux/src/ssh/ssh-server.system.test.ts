import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { generateHostKeys } from '@turingpi/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryImageFiles } from '../detection/memory-image-files.fixture.js';
import { runProgram, systemProgram } from '../network/system-program.fixture.js';
import { applySshServer } from './ssh-server.js';
import { findSshdContradictions } from './sshd-access.js';
import { readSshdConfig } from './sshd-config.js';

/** A user of every Debian, so that sshd can look its group up. */
const LOGIN = {
  username: 'daemon',
  groups: ['daemon'],
  home: '/usr/sbin',
  keyTypes: ['ssh-ed25519'],
  passwordLocked: false,
  passwordAuthentication: true,
};
const CONFIGS = [
  'PasswordAuthentication no\nPubkeyAuthentication no\n',
  'Include /etc/ssh/sshd_config.d/*.conf\nAllowUsers ada\nAllowUsers bob\nAllowGroups wheel\n',
  'AuthorizedKeysFile none\nInclude sshd_config.d/*.conf\nMatch User daemon\nAuthenticationMethods hostbased\n',
  'Include /etc/ssh/sshd_config.d/*.conf\nMatch User d*,!root\n\tPasswordAuthentication no\n\tAllowUsers ada\nMatch all\n\tMaxSessions 0\n',
  'Match Group daemon\n  Include /etc/ssh/sshd_config.d/*.conf\n  PubkeyAuthentication=no\nMatch all\nPasswordAuthentication no\n',
  'AuthenticationMethods hostbased,password\nHostbasedAuthentication yes\nInclude /etc/ssh/sshd_config.d/6*.conf\n',
  'MaxSessions 0\nMatch User ada\nInclude /etc/ssh/sshd_config.d/*.conf\n',
];
const DIRECTORY = {
  '/etc/ssh/sshd_config.d/00-hard.conf':
    'PasswordAuthentication no # policy\nMatch User root\nPubkeyAuthentication no\n',
  '/etc/ssh/sshd_config.d/50-more.conf': 'AllowUsers "eve"\n',
};

describe('the real SSH server', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'turingpi-sshd-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const sshd = systemProgram('sshd');

  /** What sshd makes of a configuration for our user. */
  async function ask(root: MemoryImageFiles): Promise<Map<string, string>> {
    for (const [path, { type, text }] of root.dump()) {
      if (type === 'directory') mkdirSync(join(directory, path), { recursive: true });
      else
        writeFileSync(
          join(directory, path),
          text
            .replaceAll('/etc/ssh', `${directory}/etc/ssh`)
            .replaceAll('Include sshd_config.d', `Include ${directory}/etc/ssh/sshd_config.d`),
        );
    }
    const [key] = await generateHostKeys(['ed25519']);
    writeFileSync(join(directory, 'key'), key!.privateKey.reveal(), { mode: 0o600 });
    mkdirSync('/run/sshd', { recursive: true });
    const where = `user=${LOGIN.username},host=h,addr=192.168.1.9,laddr=192.168.1.100,lport=22`;
    const config = join(directory, 'etc/ssh/sshd_config');
    const { exitCode, output } = runProgram(sshd!, [
      ...['-T', '-f', config, '-h', join(directory, 'key'), '-C', where],
    ]);
    expect(exitCode, output).toBe(0);
    const said = new Map<string, string>();
    for (const line of output.split('\n')) {
      const [keyword = '', ...values] = line.split(' ');
      said.set(keyword, [said.get(keyword), ...values].filter((value) => value !== undefined).join(' '));
    }
    return said;
  }

  // Looking at a whole configuration takes root.
  const isRoot = process.getuid?.() === 0;
  it.skipIf(!sshd || !isRoot).each(CONFIGS)(
    'reads %j as we do, and lets in who was asked for',
    async (text) => {
      const root = new MemoryImageFiles({ '/etc/ssh/sshd_config': text, ...DIRECTORY });
      const found = findSshdContradictions(await readSshdConfig(root), LOGIN);
      const before = await ask(root);
      const keywords = new Set(found.map(({ setting }) => setting.keyword));
      expect(keywords.has('passwordauthentication')).toBe(before.get('passwordauthentication') === 'no');
      expect(keywords.has('pubkeyauthentication')).toBe(before.get('pubkeyauthentication') === 'no');
      expect(keywords.has('authorizedkeysfile')).toBe(before.get('authorizedkeysfile') === 'none');
      expect(keywords.has('authenticationmethods')).toBe(
        (before.get('authenticationmethods') ?? '').includes('hostbased'),
      );
      expect(keywords.has('maxsessions')).toBe(before.get('maxsessions') === '0');
      for (const keyword of ['allowusers', 'allowgroups'])
        expect([keyword, keywords.has(keyword)]).toEqual([keyword, before.has(keyword)]);

      await applySshServer(
        root,
        { passwordAuthentication: true, permitRootPassword: false },
        { login: LOGIN, place: { hostKeyPaths: [], addresses: [] } },
      );
      const after = await ask(root);
      expect(after.get('passwordauthentication')).toBe('yes');
      expect(after.get('pubkeyauthentication')).toBe('yes');
      expect(after.get('authorizedkeysfile')).toContain('.ssh/authorized_keys');
      expect(after.get('maxsessions')).toBe('10');
      expect(after.get('authenticationmethods')).toMatch(/^(any|publickey password)$/);
      expect(` ${after.get('allowusers') ?? 'daemon'} `).toContain(' daemon ');
      expect(` ${after.get('allowgroups') ?? 'daemon'} `).toContain(' daemon ');
    },
  );
});
