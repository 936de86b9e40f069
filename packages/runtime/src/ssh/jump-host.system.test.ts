import { once } from 'node:events';
import { createServer } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateHostKeys } from '../keys/generate-host-keys.js';
import { askHostKey } from './ask-host-key.js';
import { connectSsh } from './connect-ssh.js';
import { OpenSshLab } from './openssh.fixture.js';
import type { SshTarget } from './ssh-target.js';
import { waitForSsh } from './wait-for-ssh.js';

const required = process.env['CI'] === 'true';
const signal = new AbortController().signal;

describe.skipIf(OpenSshLab.missing.length > 0 && !required)(
  `through another server (needs ${OpenSshLab.needs})`,
  () => {
    let node: OpenSshLab;
    let gate: OpenSshLab;
    beforeAll(async () => {
      const user = (name: string, uid: number) => ({ name, uid, password: 'unused' });
      node = await OpenSshLab.start({ users: [user('tpi-node', 4401)], sudoers: [] });
      gate = await OpenSshLab.start({
        users: [user('tpi-gate', 4402), user('tpi-closed', 4403)],
        sudoers: [],
        config: ['LogLevel VERBOSE', 'Match User tpi-closed', 'AllowTcpForwarding no'],
      });
    });
    afterAll(async () => {
      await node[Symbol.asyncDispose]();
      await gate[Symbol.asyncDispose]();
    });
    const through = (jump: SshTarget): SshTarget => ({ ...node.withKey('tpi-node'), jump });

    it('runs commands and moves files, and leaves the server between when it is done', async () => {
      const session = await waitForSsh(through(gate.withKey('tpi-gate')), { signal });
      for (let count = 0; count < 3; count += 1)
        expect((await session.exec(['id', '-un'])).stdout).toBe('tpi-node\n');
      const file = join(node.dir, 'home/tpi-node/file');
      await session.writeFile(file, Buffer.alloc(300_000, 'x'));
      expect((await readFile(file)).length).toBe(300_000);
      await expect(session.exec(['sleep', '60'], { timeoutMs: 200 })).rejects.toMatchObject({
        code: 'COMMAND_TIMEOUT',
      });
      await session[Symbol.asyncDispose]();
      while (!gate.log.includes('Disconnected from user tpi-gate')) await once(gate.stderr, 'data');
      expect(gate.log).not.toContain('Starting session');
    });

    it('goes through two servers', async () => {
      const twice = { ...gate.withKey('tpi-gate'), jump: gate.withKey('tpi-gate') };
      await using session = await connectSsh(through(twice), { signal });
      expect((await session.exec(['id', '-un'])).stdout).toBe('tpi-node\n');
    });

    it('verifies the host key of both', async () => {
      const others = (await generateHostKeys(['ed25519'])).map((key) => key.publicKey);
      const wrongGate = through({ ...gate.withKey('tpi-gate'), hostKeys: others });
      await expect(connectSsh(wrongGate, { signal })).rejects.toMatchObject({
        code: 'SSH_HOST_KEY_MISMATCH',
        message: expect.stringContaining('tpi-gate@') as string,
      });
      const wrongNode = { ...through(gate.withKey('tpi-gate')), hostKeys: others };
      await expect(connectSsh(wrongNode, { signal })).rejects.toMatchObject({
        code: 'SSH_HOST_KEY_MISMATCH',
        message: expect.stringContaining('tpi-node@') as string,
      });
    });

    it('asks for a host key behind it, and tells who answers', async () => {
      const { host, port = 22, hostKeys } = node.withKey('tpi-node');
      const jump = gate.withKey('tpi-gate');
      const where = { host, port, hostKeys: hostKeys as readonly string[], jump };
      expect(await askHostKey(where, { signal })).toEqual({ answer: 'expected' });
      const others = (await generateHostKeys(['ed25519'])).map((key) => key.publicKey);
      expect(await askHostKey({ ...where, hostKeys: others }, { signal })).toMatchObject({ answer: 'other' });
      expect(await askHostKey({ ...where, port: 1 }, { signal })).toMatchObject({ answer: 'none' });
      // What is wrong on the way says nothing of who is at its end.
      const lost = askHostKey({ ...where, jump: { ...jump, hostKeys: others } }, { signal });
      await expect(lost).rejects.toMatchObject({ code: 'SSH_HOST_KEY_MISMATCH' });
    });

    it('says which of the two cannot be reached, and why', async () => {
      const closed = connectSsh(through(gate.withKey('tpi-closed')), { signal });
      await expect(closed).rejects.toMatchObject({
        code: 'SSH_UNREACHABLE',
        message: expect.stringMatching(/tpi-node@.* through tpi-closed@/) as string,
      });
      const nobody = connectSsh({ ...through(gate.withKey('tpi-gate')), port: 1 }, { signal });
      await expect(nobody).rejects.toMatchObject({
        code: 'SSH_UNREACHABLE',
        message: expect.stringContaining('refused') as string,
      });
      const silent = createServer(() => undefined).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      try {
        const { port } = silent.address() as { port: number };
        const late = { ...through(gate.withKey('tpi-gate')), port };
        await expect(connectSsh(late, { signal, connectTimeoutMs: 800 })).rejects.toMatchObject({
          code: 'SSH_TIMEOUT',
        });
      } finally {
        silent.close();
      }
    });

    it('is lost when the server between is', async () => {
      await using session = await connectSsh(through(gate.withKey('tpi-gate')), { signal });
      const running = session.exec('echo going; exec sleep 60', {
        onOutput: () => gate.cut('tpi-gate'),
      });
      await expect(running).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
      await session.closed;
    });
  },
);
