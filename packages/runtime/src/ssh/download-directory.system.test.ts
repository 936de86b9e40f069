import { execFileSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh } from './connect-ssh.js';
import { downloadDirectory } from './download-directory.js';
import { OpenSshLab } from './openssh.fixture.js';
import type { SshSession } from './ssh-session.js';

const required = process.env['CI'] === 'true';
const { signal } = new AbortController();

describe.skipIf(OpenSshLab.missing.length > 0 && !required)(
  `fetching a directory (${OpenSshLab.needs})`,
  () => {
    let lab: OpenSshLab;
    let session: SshSession;
    let local: string;
    let there: string;
    beforeAll(async () => {
      const user = { name: 'tpi', uid: 4301, password: 'pass-word-7' };
      lab = await OpenSshLab.start({ users: [user], sudoers: ['tpi ALL=(ALL) NOPASSWD: ALL'] });
      session = await connectSsh(lab.withKey('tpi'), { signal });
      local = await mkdtemp(path.join(tmpdir(), 'turingpi-fetched-'));
      there = path.join(lab.dir, 'home/tpi/tree');
      const make =
        'mkdir -p a/b empty; printf "1\\0\\377" >a/b/bytes; chmod 750 a/b/bytes; ln -s /etc/passwd link; mkfifo pipe';
      await mkdir(path.join(there, 'a'), { recursive: true });
      await writeFile(path.join(there, 'a/odd \nname'), 'x');
      execFileSync('sh', [
        '-c',
        `mkdir -p ${there} && cd ${there} && umask 022 && ${make} && chown -R 4301 .`,
      ]);
    });
    afterAll(async () => {
      await session[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
      await rm(local, { recursive: true, force: true });
    });

    it.each([false, true])('with content, modes and links (as root: %s)', async (sudo) => {
      const target = path.join(local, `tree-${String(sudo)}`);
      await downloadDirectory(session, there, target, { signal, sudo });
      expect((await readdir(target, { recursive: true })).sort()).toEqual([
        'a',
        'a/b',
        'a/b/bytes',
        'a/odd \nname',
        'empty',
        'link',
      ]);
      expect(await readFile(path.join(target, 'a/b/bytes'))).toEqual(Buffer.from([49, 0, 255]));
      expect((await lstat(path.join(target, 'a/b/bytes'))).mode & 0o777).toBe(0o750);
      expect(await readlink(path.join(target, 'link'))).toBe('/etc/passwd');
      await expect(downloadDirectory(session, there, target, { signal })).rejects.toMatchObject({
        code: 'LOCAL_FILE_UNWRITABLE',
      });
      expect(await readdir(target)).toContain('a'); // it was there before
    });

    it.each(['../out', '/etc/out', 'a/../../out', ''])(
      'believes no name that leads out: %j',
      async (name) => {
        const said = ['f', '644', name, ''].join('\0') + '\0';
        const hostile = Object.create(session, {
          exec: { value: () => Promise.resolve({ stdout: said, stderr: '', exitCode: 0, truncated: false }) },
        }) as SshSession;
        const target = path.join(local, 'hostile');
        await expect(downloadDirectory(hostile, '/srv', target, { signal })).rejects.toMatchObject({
          code: 'SSH_FILE_FAILED',
        });
        expect(await readdir(local)).not.toContain('hostile');
      },
    );

    it('leaves nothing of what it could not have', async () => {
      const target = path.join(local, 'denied');
      execFileSync('sh', [
        '-c',
        `mkdir -p ${there}2 && echo 1 >${there}2/one && echo 2 >${there}2/two && chmod 600 ${there}2/two && chmod 755 ${there}2`,
      ]);
      await expect(downloadDirectory(session, `${there}2`, target, { signal })).rejects.toMatchObject({
        code: 'SSH_FILE_DENIED',
      });
      expect(await readdir(local)).not.toContain('denied');
    });
  },
);
