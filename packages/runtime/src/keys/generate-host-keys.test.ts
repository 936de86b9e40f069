import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { generateHostKeys } from './generate-host-keys.js';

const hasKeygen = existsSync('/usr/bin/ssh-keygen');
const required = process.env['CI'] === 'true';

describe('generateHostKeys', () => {
  it('makes the kinds that are asked for, each once, and hides the private half', async () => {
    const pairs = await generateHostKeys(['ed25519', 'ecdsa', 'ed25519']);
    expect(pairs.map((pair) => pair.path)).toEqual([
      '/etc/ssh/ssh_host_ed25519_key',
      '/etc/ssh/ssh_host_ecdsa_key',
    ]);
    expect(inspect(pairs, { depth: 9 })).not.toContain('PRIVATE KEY');
    expect(JSON.stringify(pairs)).not.toContain('PRIVATE KEY');
  });

  it.skipIf(!hasKeygen && !required)('makes keys that OpenSSH reads (needs ssh-keygen)', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'turingpi-keys-'));
    try {
      // Many of the quick kinds: encodings of numbers go wrong only for some values.
      for (let round = 0; round < 12; round += 1) {
        for (const pair of await generateHostKeys(
          round === 0 ? ['ed25519', 'ecdsa', 'rsa'] : ['ed25519', 'ecdsa'],
        )) {
          const path = join(dir, `${pair.type}-${round}`);
          await writeFile(path, pair.privateKey.reveal(), { mode: 0o600 });
          await writeFile(`${path}.pub`, `${pair.publicKey}\n`);
          const derived = execFileSync('ssh-keygen', ['-y', '-f', path], { encoding: 'utf8' }).trim();
          expect(derived.split(' ').slice(0, 2)).toEqual(pair.publicKey.split(' ').slice(0, 2));
          expect(execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' })).toContain(
            pair.fingerprint,
          );
        }
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
