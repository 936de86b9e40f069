import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '@turingpi/core/plugin';
import { Node1 } from '@turingpi/foundation';
import { postInstallerOf, type PostInstallCallback } from '@turingpi/provisioning';
import { expect, it } from 'vitest';
import { TestCluster } from '../driver/test-cluster.fixture.js';

/** What version 0.1.0, in which every action was a method of its own, left after the actions below. */
const RECORDED = join(import.meta.dirname, 'recorded-journal.fixture.json');

/** A node with that record. */
async function recordedCluster(): Promise<TestCluster> {
  const test = await TestCluster.create();
  const files = JSON.parse(await readFile(RECORDED, 'utf8')) as Record<string, unknown>;
  for (const [name, content] of Object.entries(files))
    await writeFile(join(test.cacheDir, name), JSON.stringify(content), { mode: 0o600 });
  await writeFile(join(test.cacheDir, 'script.sh'), '#!/bin/sh\n');
  return test;
}

async function configure(test: TestCluster, actions: PostInstallCallback): Promise<void> {
  const cluster = await test.open();
  await cluster.run((context: Context) => postInstallerOf('ubuntu').runActions(context, actions))(Node1);
}

const everyAction =
  (script: string): PostInstallCallback =>
  async (local, remote) => {
    await local.copyFile(script, '/usr/local/bin/script.sh', { toRemote: true, mode: 0o755 });
    await local.runCommand(['node', '-e', ''], { input: 'local input' });
    await local.runCommand(['node', '-e', '']);
    expect((await remote.runCommand('cat /etc/hostname')).stdout).toBe('node1\n');
    await remote.runCommand(['id', '-u'], { sudo: false, allowFailure: true, timeoutMs: 1000 });
    await remote.runCommand('chpasswd', { input: 'admin:secret' });
    await remote.writeFile('/etc/app', 'x', { mode: 0o600 });
    await remote.writeFile('/etc/motd', new TextEncoder().encode('hello'));
    expect(await remote.readFile('/etc/app')).toBe('x');
    await remote.aptInstall('htop', 'jq');
    await remote.aptInstall(); // nothing, which is not on record
    await remote.reboot();
  };

it('a node that an earlier version has finished is finished, action by action', async () => {
  await using test = await recordedCluster();
  await configure(test, everyAction(join(test.cacheDir, 'script.sh')));
  expect(test.takePhaseEvents()).toEqual(['skipped post_installation']);
  expect(test.ssh.targets).toEqual([]);
});

it('the steps of a configuration file are the same actions', async () => {
  await using test = await recordedCluster();
  await configure(test, async (local, remote, perform) => {
    await perform(
      'copy',
      { source: 'script.sh', path: '/usr/local/bin/script.sh', mode: 0o755 },
      test.cacheDir,
    );
    await local.runCommand(['node', '-e', ''], { input: 'local input' });
    await perform('runLocal', { command: ['node', '-e', ''] });
    await perform('run', { command: 'cat /etc/hostname' });
    await perform('run', { command: ['id', '-u'], sudo: false, allowFailure: true });
    await remote.runCommand('chpasswd', { input: 'admin:secret' });
    await perform('write', { path: '/etc/app', content: 'x', mode: 0o600 });
    await perform('write', { path: '/etc/motd', content: 'hello' });
    await perform('read', { path: '/etc/app' });
    await perform('apt', ['htop', 'jq']);
    await perform('reboot', {});
  });
  expect(test.takePhaseEvents()).toEqual(['skipped post_installation']);
});
