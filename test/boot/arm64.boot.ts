import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateKeyPair } from '@turingpi/runtime';
import { inject, it } from 'vitest';
import { runCli } from '../support/site/run-cli.js';
import { makeSite } from '../support/site/site.js';
import type { BootFamily } from './boot-families.js';
import { expectNode } from './expect-node.js';
import { provision } from './provision.js';

const FAMILY: BootFamily = {
  ...{ name: 'debian-arm64', title: 'for 64-bit ARM', os: 'debian', board: 'rk1' },
  ...{ cloudInit: false, grows: false },
};
const CONSOLE_LINES = 60;
const { directory, images } = inject('bootImages');
const image = images?.['debian-arm64'];
/** In every run others show more of the same: nodes that are installed over the network. */
const isShort = process.env['BOOTS'] === 'strongest';

it.skipIf(!image || isShort).concurrent(
  'a flashed image is started by U-Boot from its own disk, and is as asked for',
  async ({ expect, signal, onTestFailed }) => {
    const consoleFile = path.join(directory, 'logs/debian-arm64.log');
    onTestFailed(async () => {
      const lines = (await readFile(consoleFile, 'utf8').catch(() => '')).split('\n').slice(-CONSOLE_LINES);
      process.stderr.write(`\n--- end of ${consoleFile}\n${lines.join('\n')}\n---\n`);
    });
    await using node = await provision(FAMILY, image!, consoleFile);
    expect(node.attempts.filter((note) => note.includes('is not the expected machine'))).toEqual([]);
    await expectNode(expect, FAMILY, node, signal);
    const log = await readFile(consoleFile, 'utf8');
    expect(log).toContain('U-Boot');
    expect(log).toMatch(/Retrieving file: \/boot\/vmlinuz/);
  },
);

it.skipIf(!image || isShort).concurrent(
  'an image is tried without a board, by the command',
  async ({ expect }) => {
    await using site = await makeSite();
    const hostKey = await generateKeyPair('ed25519');
    const put = async (place: string, content: string, mode: string) => {
      const file = path.join(site.directory, path.basename(place));
      await writeFile(file, content);
      return ['--write', `${place}=${file}`, '--chmod', `${place}=${mode}`];
    };
    const changes = [
      ...(await put('/root/.ssh/authorized_keys', `${site.publicKey}\n`, '0600')),
      ...(await put('/etc/ssh/ssh_host_ed25519_key', hostKey.privateKey.reveal(), '0600')),
      ...(await put('/etc/ssh/ssh_host_ed25519_key.pub', `${hostKey.publicKey}\n`, '0644')),
      ...(await put('/etc/network/interfaces.d/wired', 'auto enp0s1\niface enp0s1 inet dhcp\n', '0644')),
    ];
    const options = { cwd: site.directory };
    const made = await runCli(['image', 'customize', image!, '-o', 'tried.img', ...changes], options);
    expect(made).toMatchObject({ exitCode: 0 });
    const login = ['--user', 'root', '-i', site.privateKeyFile, '--timeout', '1800'];
    const check = 'uname -m; cat /etc/hostname; exit 3';
    const kept = path.join(site.directory, 'kept.img');
    const tried = await runCli(
      ['image', 'try', 'tried.img', ...login, '--run', check, '--keep', kept],
      options,
    );
    expect(tried.stdout).toMatch(/U-Boot[\s\S]*Debian[\s\S]*aarch64\ndebian/);
    expect(tried.stderr).toMatch(/it let root in after \d+ s\nthe check ended with 3: /);
    expect(tried.exitCode).toBe(1);
    expect((await stat(kept)).size).toBe(4 * 1024 ** 3);
  },
);
