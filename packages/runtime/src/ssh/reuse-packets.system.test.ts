import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh } from './connect-ssh.js';
import { OpenSshLab } from './openssh.fixture.js';
import type { SshTarget } from './ssh-target.js';

const MEGABYTE = 1024 * 1024;
const signal = AbortSignal.timeout(60_000);

describe.skipIf(OpenSshLab.missing.length > 0)(
  `much data over one connection (needs ${OpenSshLab.needs})`,
  () => {
    let lab: OpenSshLab;
    beforeAll(async () => {
      // A server that wants new keys every two megabytes: the ciphers change while packets are under way.
      const config = ['Subsystem sftp internal-sftp', 'RekeyLimit 2M'];
      const users = [{ name: 'bulk', uid: 3201, password: 'p' }];
      lab = await OpenSshLab.start({ users, sudoers: [], config });
    });
    afterAll(() => lab[Symbol.asyncDispose]());

    it.each([
      ['at once', () => lab.withKey('bulk')],
      ['through another server', (): SshTarget => ({ ...lab.withKey('bulk'), jump: lab.withKey('bulk') })],
    ])(
      'arrives byte by byte, several files %s, also when keys are exchanged meanwhile',
      async (_, target) => {
        await using session = await connectSsh(target(), { signal });
        await session.exec(['true']);
        const files = [9 * MEGABYTE + 1, 7 * MEGABYTE, 32 * 1024, 32 * 1024 - 9].map(async (size, index) => {
          const content = randomBytes(size);
          const [local, remote] = [
            join(lab.dir, `local-${index}`),
            join(lab.dir, `home/bulk/arrived-${index}`),
          ];
          await writeFile(local, content);
          await session.upload(local, remote, { signal });
          const { stdout } = await session.exec(['sha256sum', remote]);
          expect(stdout.split(' ')[0]).toBe(createHash('sha256').update(content).digest('hex'));
          return remote;
        });
        const [first = ''] = await Promise.all(files);
        const back = await session.readFile(first);
        expect(back.length).toBe(9 * MEGABYTE + 1);
      },
    );
  },
);
