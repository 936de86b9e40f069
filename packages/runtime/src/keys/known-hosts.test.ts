import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateHostKeys } from './generate-host-keys.js';
import { knownHostKeys } from './known-hosts.js';

const [one = '', two = ''] = await Promise.all([
  generateHostKeys(['ed25519']),
  generateHostKeys(['ed25519']),
]).then((pairs) => pairs.map(([pair]) => pair!.publicKey.split(' ').slice(0, 2).join(' ')));
const CASES: readonly (readonly [string, string, number | undefined, readonly string[]])[] = [
  [`node1,192.168.1.101 ${one} comment`, '192.168.1.101', undefined, [one]],
  [`node1 ${one}\nnode1 ${two}\nnode1 ${one}`, 'NODE1', undefined, [one, two]],
  [`node1 ${one}`, 'node1', 2222, []],
  [`[node1]:2222 ${one}`, 'node1', 2222, [one]],
  [`[node1]:2222 ${one}`, 'node1', undefined, []],
  [`*.lan,!b.lan ${one}`, 'a.lan', undefined, [one]],
  [`*.lan,!b.lan ${one}`, 'b.lan', undefined, []],
  [`node? ${one}`, 'node12', undefined, []],
  [`# node1 ${one}\n\nnode1 ssh-ed25519 AAAA\nnode1 ${two}`, 'node1', undefined, [two]],
  [`@revoked * ${one}\nnode1 ${one}\nnode1 ${two}`, 'node1', undefined, [two]],
  [`@cert-authority *.lan ${one}`, 'a.lan', undefined, []],
];

describe('a file of known hosts', () => {
  it.each(CASES)('%#: has the keys of a server', (text, host, port, keys) => {
    expect(knownHostKeys(text, { host, ...(port !== undefined && { port }) })).toEqual(keys);
  });

  it.skipIf(!existsSync('/usr/bin/ssh-keygen'))('is read as OpenSSH reads it, names hashed or not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'known-hosts-'));
    try {
      for (const hash of [false, true])
        for (const [text, host, port] of CASES) {
          if (/@|!|#|\*|\?/.test(text) && hash) continue; // patterns are not hashed
          const file = join(folder, 'known_hosts');
          writeFileSync(file, `${text}\n`);
          if (hash) execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
          const name = port === undefined ? host : `[${host}]:${port}`;
          const found = saidBy(['-F', name.toLowerCase(), '-f', file])
            .split('\n')
            .filter((line) => line !== '' && !/^[#@]/.test(line))
            .map((line) => line.split(' ').slice(1, 3).join(' '))
            .filter((key) => key !== 'ssh-ed25519 AAAA'); // it finds lines, whatever the key is
          const ours = knownHostKeys(readFileSync(file, 'utf8'), {
            host,
            ...(port !== undefined && { port }),
          });
          // What is revoked is told by the line of its own.
          expect(
            [...new Set(found)].filter((key) => !text.includes(`@revoked * ${key}`)),
            text,
          ).toEqual(ours);
        }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** What it prints, also where it ends with 1 because nothing is there. */
function saidBy(parameters: readonly string[]): string {
  try {
    return execFileSync('ssh-keygen', parameters, { encoding: 'utf8' });
  } catch (error) {
    return (error as { readonly stdout?: string }).stdout ?? '';
  }
}
