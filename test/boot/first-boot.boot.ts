import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { connectSsh, generateKeyPair, rebootNode } from '@turingpi/runtime';
import { inject, it } from 'vitest';
import { BOOT_FAMILIES, imageOf } from './boot-families.js';
import { expectNode } from './expect-node.js';
import { provision } from './provision.js';

const REBOOT = { timeoutMs: 600_000, connectTimeoutMs: 60_000 } as const;
const CONSOLE_LINES = 60;
const { directory, images } = inject('bootImages');

it.skipIf(!images).concurrent.for(BOOT_FAMILIES)(
  '$name, $title, is as asked for at the first boot and after the second one',
  async (family, { expect, signal, onTestFailed }) => {
    const consoleFile = path.join(directory, 'logs', `${family.name}.log`);
    onTestFailed(async () => {
      const lines = (await readFile(consoleFile, 'utf8').catch(() => '')).split('\n').slice(-CONSOLE_LINES);
      process.stderr.write(`\n--- end of ${consoleFile}\n${lines.join('\n')}\n---\n`);
    });
    await using node = await provision(family, images![imageOf(family)]!, consoleFile);
    // No attempt met another machine's key: neither the image's own nor one made at the first boot.
    expect(node.attempts.filter((note) => note.includes('is not the expected machine'))).toEqual([]);
    await expectNode(expect, family, node, signal);

    const stranger = await generateKeyPair('ed25519');
    const mistaken = { ...node.target(node.key), hostKeys: [stranger.publicKey] };
    await expect(connectSsh(mistaken, { signal })).rejects.toMatchObject({ code: 'SSH_HOST_KEY_MISMATCH' });

    const session = await connectSsh(node.target(node.key), { signal });
    const again = await rebootNode(session, node.target(node.key), { signal, ...REBOOT });
    await again[Symbol.asyncDispose]();
    await expectNode(expect, family, node, signal);
  },
);
