import { lstat, mkdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connectSsh, type SshSession } from '@turingpi/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenSshLab } from '../../../runtime/src/ssh/openssh.fixture.js';
import { BlockInFileAction } from './block-in-file-action.js';
import { CopyAction } from './copy-action.js';
import { HostNode, treeOf } from './host-node.fixture.js';
import { LineInFileAction } from './line-in-file-action.js';
import { MkdirAction } from './mkdir-action.js';
import type { PostInstallAction } from './post-install-action.js';
import { RemoveAction } from './remove-action.js';
import { RunAction } from './run-action.js';
import { SymlinkAction } from './symlink-action.js';
import { WriteAction } from './write-action.js';

const required = process.env['CI'] === 'true';
const signal = new AbortController().signal;

/** As a user who becomes root by sudo with a password, over a real connection. */
describe.skipIf(OpenSshLab.missing.length > 0 && !required)(
  `actions on files over OpenSSH (needs ${OpenSshLab.needs})`,
  () => {
    let lab: OpenSshLab;
    let session: SshSession;
    let dir: string;
    beforeAll(async () => {
      lab = await OpenSshLab.start({
        users: [{ name: 'tpi-admin', uid: 4001, password: 'admin-password' }],
        sudoers: ['tpi-admin ALL=(ALL) ALL'],
      });
      session = await connectSsh(lab.withPassword('tpi-admin', 'admin-password'), { signal });
      dir = path.join(lab.dir, 'root-only');
      await mkdir(dir, { mode: 0o700 });
    });
    afterAll(async () => {
      await session[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    });

    async function perform(action: PostInstallAction, input: unknown): Promise<unknown> {
      const environment = new HostNode().environment('/', { session: () => Promise.resolve(session) });
      return action.perform(input, environment);
    }

    it.each<
      [
        string,
        PostInstallAction,
        (at: (name: string) => string) => object,
        (at: (name: string) => string) => Promise<void>,
      ]
    >([
      [
        'write',
        new WriteAction(),
        (at) => ({ path: at('a b/ü'), content: 'x\n', mode: 0o640, owner: 'tpi-admin:daemon' }),
        async (at) => {
          const { mode, uid } = await stat(at('a b/ü'));
          expect([mode & 0o777, uid, await readFile(at('a b/ü'), 'utf8')]).toEqual([0o640, 4001, 'x\n']);
        },
      ],
      [
        'copy',
        new CopyAction(),
        (at) => ({ source: '/bin/ls', path: at('large'), mode: 0o755 }),
        async (at) => expect((await readFile(at('large'))).equals(await readFile('/bin/ls'))).toBe(true),
      ],
      [
        'lineInFile',
        new LineInFileAction(),
        (at) => ({ path: at("it's"), line: "$HOME 'x' `id`", create: true }),
        async (at) => expect(await readFile(at("it's"), 'utf8')).toBe("$HOME 'x' `id`\n"),
      ],
      [
        'blockInFile',
        new BlockInFileAction(),
        (at) => ({ path: at('a b/ü'), name: 'app', block: 'y' }),
        async (at) => expect((await stat(at('a b/ü'))).uid).toBe(4001), // whose it was
      ],
      [
        'symlink',
        new SymlinkAction(),
        (at) => ({ path: at('new/link'), target: '-n' }),
        async (at) => expect(await readlink(at('new/link'))).toBe('-n'),
      ],
      [
        'mkdir',
        new MkdirAction(),
        (at) => ({ path: at('folder/below'), mode: 0o1777 }),
        async (at) => expect((await stat(at('folder/below'))).mode & 0o7777).toBe(0o1777),
      ],
      [
        'run',
        new RunAction(),
        (at) => ({ command: ['touch', at('made')], creates: at('made') }),
        async (at) => expect((await stat(at('made'))).uid).toBe(0),
      ],
      [
        'remove',
        new RemoveAction(),
        (at) => ({ paths: [at('folder')], recursive: true }),
        async (at) => expect(await lstat(at('folder')).catch(() => 'gone')).toBe('gone'),
      ],
    ])('%s changes what is not so, and nothing the second time', async (_id, action, inputOf, holds) => {
      const at = (name: string) => path.join(dir, name);
      expect(await perform(action, inputOf(at))).toMatchObject({ changed: true });
      await holds(at);
      const after = await treeOf(dir);
      expect(await perform(action, inputOf(at))).toMatchObject({ changed: false });
      expect(await treeOf(dir)).toEqual(after);
    });

    it('a file of more than a megabyte is compared by its digest', async () => {
      const local = path.join(lab.dir, 'big');
      await writeFile(local, Buffer.alloc(2 << 20, 7));
      const write = (content: Buffer) => perform(new WriteAction(), { path: path.join(dir, 'big'), content });
      const content = await readFile(local);
      expect(await write(content)).toEqual({ changed: true });
      expect(await write(content)).toEqual({ changed: false });
      content[5] = 1;
      expect(await write(content)).toEqual({ changed: true });
      expect((await readFile(path.join(dir, 'big'))).equals(content)).toBe(true);
    });
  },
);
