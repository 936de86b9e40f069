import { execFile } from 'node:child_process';
import { access, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Secret } from '@turingpi/foundation';
import { describe, expect, it } from 'vitest';
import { generateKeyPair } from './generate-key-pair.js';
import { KeyAgent } from './key-agent.js';
import { parsePublicKey } from './public-key.js';

const run = promisify(execFile);

describe.skipIf(process.platform === 'win32')('KeyAgent', () => {
  it.each(['ed25519', 'rsa'] as const)('lets OpenSSH list an %s key and sign with it', async (type) => {
    const pair = await generateKeyPair(type);
    const directory = await mkdtemp(path.join(tmpdir(), 'key-agent-'));
    try {
      let socket: string;
      {
        await using agent = await KeyAgent.start(pair.privateKey);
        ({ socket } = agent);
        const env = { ...process.env, SSH_AUTH_SOCK: socket };
        const { identity } = parsePublicKey(pair.publicKey);
        expect((await run('ssh-add', ['-L'], { env })).stdout).toContain(identity);
        expect((await stat(path.dirname(socket))).mode & 0o777).toBe(0o700);

        const file = path.join(directory, 'id.pub');
        await writeFile(file, `${pair.publicKey}\n`);
        await run('ssh-add', ['-T', file], { env }); // signs, and verifies what comes
        const broken = connect(socket);
        await new Promise<void>((resolve) => {
          broken.on('error', () => undefined).once('close', () => resolve());
          broken.write(Buffer.from('ffffffff00', 'hex'));
          broken.end();
        });
        expect((await run('ssh-add', ['-L'], { env })).stdout).toContain(identity);
      }
      await expect(access(path.dirname(socket))).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('refuses what is no private key', async () => {
    await expect(KeyAgent.start(new Secret('nothing'))).rejects.toMatchObject({
      code: 'SSH_PRIVATE_KEY_INVALID',
    });
  });
});
