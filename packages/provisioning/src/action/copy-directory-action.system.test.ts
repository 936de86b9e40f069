import { chmod, lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connectSsh, type SshSession } from '@turingpi/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenSshLab } from '../../../runtime/src/ssh/openssh.fixture.js';
import { CopyDirectoryAction } from './copy-directory-action.js';
import { HostNode, treeOf } from './host-node.fixture.js';

const required = process.env['CI'] === 'true';
const signal = new AbortController().signal;

describe.skipIf(OpenSshLab.missing.length > 0 && !required)(
  `a directory that is copied to a node (needs ${OpenSshLab.needs})`,
  () => {
    let lab: OpenSshLab;
    let session: SshSession;
    beforeAll(async () => {
      const users = [{ name: 'tpi-tree', uid: 4011, password: 'tree-password' }];
      lab = await OpenSshLab.start({ users, sudoers: ['tpi-tree ALL=(ALL) ALL'] });
      session = await connectSsh(lab.withPassword('tpi-tree', 'tree-password'), { signal });
    });
    afterAll(async () => {
      await session[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    });

    it('is looked at first: what differs is told, and copied, and then nothing is', async () => {
      const source = path.join(lab.dir, 'source');
      await mkdir(path.join(source, 'in', 'empty'), { recursive: true });
      await writeFile(path.join(source, 'in', "it's \n odd"), 'odd');
      await writeFile(path.join(source, 'run'), '#!/bin/sh\n', { mode: 0o755 });
      await symlink('in/empty', path.join(source, 'link'));
      const target = path.join(lab.dir, 'target');
      const action = new CopyDirectoryAction();
      const environment = new HostNode().environment(lab.dir, { session: () => Promise.resolve(session) });
      const input = { source: 'source', path: target };
      const inputs = await action.inputs(input, environment);

      expect(await action.preview(input, environment)).toMatchObject({ wouldChange: true });
      await expect(lstat(target)).rejects.toThrow();
      expect(await action.perform(input, environment)).toMatchObject({ changed: true, copied: 5 });
      const copied = await treeOf(target);
      expect(await action.perform(input, environment)).toEqual({ changed: false });
      expect(await action.preview(input, environment)).toEqual({ wouldChange: false });
      expect(await treeOf(target)).toEqual(copied);

      await writeFile(path.join(target, 'run'), '#!/bin/no\n'); // of the same length
      await writeFile(path.join(target, 'of the node'), '');
      const content = { wouldChange: true, diff: '~ run' };
      expect(await action.preview(input, environment)).toEqual(content);
      expect(await action.perform(input, environment)).toMatchObject({ changed: true });
      expect(await readFile(path.join(target, 'run'), 'utf8')).toBe('#!/bin/sh\n');
      await chmod(path.join(target, 'run'), 0o700);
      expect(await action.preview(input, environment)).toEqual(content);
      await action.perform(input, environment);
      expect(await treeOf(target)).toContainEqual(expect.stringContaining('of the node'));

      expect(await action.inputs(input, environment)).toEqual(inputs);
      await writeFile(path.join(source, 'run'), '#!/bin/bash\n');
      expect(await action.inputs(input, environment)).not.toEqual(inputs);
    });

    it('must be there', async () => {
      const environment = new HostNode().environment(lab.dir);
      const inputs = new CopyDirectoryAction().inputs({ source: 'nowhere', path: '/x' }, environment);
      await expect(inputs).rejects.toMatchObject({ code: 'LOCAL_FILE_NOT_FOUND' });
    });
  },
);
