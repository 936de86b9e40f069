import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh } from './connect-ssh.js';
import { OpenSshLab } from './openssh.fixture.js';
import type { SshSession } from './ssh-session.js';

const required = process.env['CI'] === 'true';
const signal = new AbortController().signal;
const PASSWORD = 'pass-word-7';
const LONG = 'a-very-long-name-'.repeat(12);
const NO_TAR =
  'mkdir -p ~/bin; printf "#!/bin/sh\\nexit 127\\n" >~/bin/tar; chmod +x ~/bin/tar; PATH=~/bin:$PATH\n';
const WAYS = { tpi: 'as one stream', 'tpi-no-tar': 'entry by entry' };
const cases = Object.entries(WAYS).flatMap(([name, how]) =>
  [false, true].map((sudo) => ({ name, how, sudo })),
);

describe.skipIf(OpenSshLab.missing.length > 0 && !required)(
  `copying a directory (needs tar, ${OpenSshLab.needs})`,
  () => {
    let lab: OpenSshLab;
    let tree: string;
    beforeAll(async () => {
      lab = await OpenSshLab.start({
        users: [
          { name: 'tpi', uid: 4301, password: PASSWORD },
          {
            name: 'tpi-no-tar',
            uid: 4302,
            password: PASSWORD,
            shell: '/bin/bash',
            files: { '.bashrc': NO_TAR },
          },
        ],
        // `secure_path` would give root the system's tar.
        sudoers: [
          'tpi ALL=(ALL) NOPASSWD: ALL',
          'tpi-no-tar ALL=(ALL) NOPASSWD: ALL',
          'Defaults:tpi-no-tar !secure_path',
        ],
      });
      tree = await mkdtemp(join(tmpdir(), 'turingpi-tree-'));
      await mkdir(join(tree, 'conf.d/empty'), { recursive: true });
      await mkdir(join(tree, LONG.slice(0, 200)));
      await writeFile(join(tree, 'conf.d/app'), 'one', { mode: 0o640 });
      await writeFile(join(tree, 'run me'), '#!/bin/sh\n', { mode: 0o755 });
      await writeFile(join(tree, LONG.slice(0, 200), `${LONG.slice(0, 180)} ü`), 'long');
      await writeFile(join(tree, 'nothing'), '');
      await writeFile(join(tree, 'big'), Buffer.alloc(3_000_001, 'x'));
      await symlink('../outside', join(tree, 'conf.d/link'));
      await symlink('/etc', join(tree, 'to-etc'));
      await chmod(join(tree, 'conf.d'), 0o750);
    });
    afterAll(async () => {
      await rm(tree, { recursive: true, force: true });
      await lab[Symbol.asyncDispose]();
    });
    const connect = (name: string): Promise<SshSession> =>
      connectSsh(lab.withPassword(name, PASSWORD), { signal });

    it.each(cases)('keeps modes, links and names $how (sudo: $sudo)', async ({ name, sudo }) => {
      await using session = await connect(name);
      const there = join(lab.dir, 'home', name, `copy-${String(sudo)}`, 'below');
      const progress: number[] = [];
      for (const round of [1, 2]) {
        await session.copyDirectory(tree, there, {
          sudo,
          onProgress: (sent) => progress.push(sent),
          ...(sudo && { owner: '4310:4311' }),
        });
        expect(
          execFileSync('diff', ['-r', '--no-dereference', tree, there], { encoding: 'utf8' }),
          `round ${round}`,
        ).toBe('');
      }
      expect(progress.at(-1)).toBeGreaterThanOrEqual(3_000_000);
      for (const path of ['conf.d', 'conf.d/app', 'run me', 'conf.d/empty'])
        expect((await stat(join(there, path))).mode).toBe((await stat(join(tree, path))).mode);
      expect(await readlink(join(there, 'conf.d/link'))).toBe('../outside');
      const uid = sudo ? 4310 : name === 'tpi' ? 4301 : 4302;
      for (const path of ['conf.d', 'conf.d/app', 'to-etc', 'nothing'])
        expect((await lstat(join(there, path))).uid).toBe(uid);
    });

    it.each(Object.keys(WAYS))(
      'writes through no link, and leaves what is there beside it (%s)',
      async (name) => {
        await using session = await connect(name);
        const there = join(lab.dir, 'home', name, 'hostile');
        const elsewhere = join(lab.dir, 'home', name, 'elsewhere');
        await session.exec(['mkdir', '-p', join(elsewhere, 'conf.d'), there]);
        await session.writeFile(join(elsewhere, 'victim'), 'untouched');
        await session.writeFile(join(there, 'other'), 'stays');
        await session.exec(['ln', '-s', join(elsewhere, 'conf.d'), join(there, 'conf.d')]);
        await session.exec(['ln', '-s', join(elsewhere, 'victim'), join(there, 'big')]);
        await session.exec(['mkdir', '-m', '711', join(there, LONG.slice(0, 200))]);
        await session.copyDirectory(tree, there, { sudo: true });
        expect(await readdir(join(elsewhere, 'conf.d'))).toEqual([]);
        expect(await readFile(join(elsewhere, 'victim'), 'utf8')).toBe('untouched');
        expect(await readFile(join(there, 'other'), 'utf8')).toBe('stays');
        expect((await lstat(join(there, 'conf.d'))).isDirectory()).toBe(true);
        expect(await stat(join(there, LONG.slice(0, 200)))).toMatchObject({ mode: 0o40711 });
      },
    );

    it('says what cannot be copied, and where', async () => {
      await using session = await connect('tpi');
      await expect(session.copyDirectory(join(tree, 'none'), '/tmp/x')).rejects.toMatchObject({
        code: 'LOCAL_FILE_UNREADABLE',
      });
      await expect(session.copyDirectory(join(tree, 'big'), '/tmp/x')).rejects.toMatchObject({
        code: 'LOCAL_FILE_UNREADABLE',
        message: expect.stringContaining('no directory') as string,
      });
      const denied = session.copyDirectory(tree, join(lab.dir, 'denied'));
      await expect(denied).rejects.toMatchObject({ code: 'SSH_FILE_DENIED' });
      const unknown = session.copyDirectory(tree, join(lab.dir, 'unknown'), {
        sudo: true,
        owner: 'no-such-user',
      });
      await expect(unknown).rejects.toMatchObject({ code: 'SSH_FILE_FAILED' });
      execFileSync('mkfifo', [join(tree, 'pipe')]);
      try {
        const there = join(lab.dir, 'home/tpi/with-pipe');
        await expect(session.copyDirectory(tree, there)).rejects.toMatchObject({
          code: 'LOCAL_FILE_UNREADABLE',
          message: expect.stringContaining('pipe') as string,
        });
      } finally {
        await rm(join(tree, 'pipe'));
      }
    });
  },
);
