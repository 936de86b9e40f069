import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Node1 } from '@turingpi/foundation';
import type { Context } from '@turingpi/core/plugin';
import { osInstallerOf, type PostInstallCallback, postInstallerOf } from '@turingpi/provisioning';
import { RuntimeError } from '@turingpi/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PreparedImage } from '../driver/prepared-image.fixture.js';
import type { TestCluster } from '../driver/test-cluster.fixture.js';

const PASSWORD = 'Correct-Horse-7';
let prepared: PreparedImage;
let test: TestCluster;
beforeAll(async () => {
  prepared = await PreparedImage.make({ password: PASSWORD });
});
afterAll(() => prepared[Symbol.asyncDispose]());
beforeEach(async () => {
  test = await prepared.cluster();
});
afterEach(() => test[Symbol.asyncDispose]());

/** The last two phases; returns what ran on the node in the last one. */
async function provision(actions: PostInstallCallback): Promise<string[]> {
  const cluster = await test.open();
  let before = 0;
  await cluster.run(async (context: Context) => {
    await osInstallerOf('ubuntu', { initialUserPassword: PASSWORD }).usingImage(prepared.image).run(context);
    before = test.ssh.commands.length;
    await postInstallerOf('ubuntu').runActions(context, actions);
  })(Node1);
  // What only looks is no matter here.
  return test.ssh.commands.slice(before).filter((command) => !/stat -c|readlink -f|dpkg-query/.test(command));
}

describe('the post-installer on Linux', () => {
  it('needs an installation on record', async () => {
    const cluster = await test.open();
    const run = cluster.run(async (context: Context) => {
      await postInstallerOf('ubuntu').runActions(context, async () => undefined);
    });
    await expect(run(Node1)).rejects.toMatchObject({ code: 'PHASE_INPUT_MISSING' });
  });

  it('runs actions as root, in order, over one verified connection', async () => {
    const script = join(test.cacheDir, 'script.sh');
    await writeFile(script, '#!/bin/sh\n', { mode: 0o755 });
    const commands = await provision(async (local, remote) => {
      await local.copyFile(script, '/usr/local/bin/script.sh', { toRemote: true });
      await remote.runCommand('systemctl enable my_app');
      await remote.runCommand(['id', '-u'], { sudo: false });
      await remote.writeFile('/etc/app', 'x', { mode: 0o600 });
      await remote.aptInstall('htop', 'jq');
      await remote.reboot();
      expect((await local.runCommand(['node', '-e', 'process.stdout.write("here")'])).stdout).toBe('here');
    });
    expect(commands[0]).toBe('sudo systemctl enable my_app');
    expect(commands[1]).toBe('id -u');
    expect(commands[2]).toMatch(/^sudo sh -c .*DEBIAN_FRONTEND=noninteractive.* apt-get .*update /);
    expect(commands[3]).toMatch(
      /^sudo sh -c .*DEBIAN_FRONTEND=noninteractive.* apt-get .*install --yes htop jq /,
    );
    expect(test.ssh.files.get('/usr/local/bin/script.sh')).toEqual({ content: script, mode: 0o755 });
    expect(test.ssh.files.get('/etc/app')).toEqual({ content: 'x', mode: 0o600 });
    expect(test.ssh.reboots).toBe(1);
    const [boot, connection] = test.ssh.targets;
    expect(connection?.hostKeys).toEqual(boot?.hostKeys);
    expect(connection?.auth.password?.reveal()).toBe(PASSWORD);
  });

  it('does not even connect when every action is on record, and returns recorded results', async () => {
    test.ssh.answer = (command) => (command.includes('hostname') ? { stdout: 'node1\n' } : undefined);
    const seen: string[] = [];
    const actions: PostInstallCallback = async (_local, remote) => {
      seen.push((await remote.runCommand('hostname')).stdout);
    };
    await provision(actions);
    const connections = test.ssh.targets.length;
    test.takePhaseEvents();
    expect(await provision(actions)).toEqual([]);
    expect(test.ssh.targets).toHaveLength(connections);
    expect(test.takePhaseEvents()).toEqual(['skipped os_installation', 'skipped post_installation']);
    expect(seen).toEqual(['node1\n', 'node1\n']);
  });

  it('goes on at the action that failed', async () => {
    test.ssh.answer = (command) => (command.includes('second') ? { exitCode: 7 } : undefined);
    const actions: PostInstallCallback = async (_local, remote) => {
      await remote.runCommand('first');
      await remote.runCommand('second');
      await remote.runCommand('third');
    };
    await expect(provision(actions)).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
    test.ssh.answer = () => undefined;
    expect(await provision(actions)).toEqual(['sudo second', 'sudo third']);
  });

  it('runs a copy again when the local file changed', async () => {
    const file = join(test.cacheDir, 'app');
    const actions: PostInstallCallback = async (local) => {
      await local.copyFile(file, '/opt/app', { toRemote: true, mode: 0o644 });
    };
    await writeFile(file, 'one');
    await provision(actions);
    test.ssh.files.clear();
    await provision(actions);
    expect(test.ssh.files.size).toBe(0);
    await writeFile(file, 'two');
    await provision(actions);
    expect(test.ssh.files.size).toBe(1);
  });

  it('names a local file that is missing', async () => {
    const actions: PostInstallCallback = (local) =>
      local.copyFile('/nowhere/app', '/opt/app', { toRemote: true });
    await expect(provision(actions)).rejects.toMatchObject({
      code: 'LOCAL_FILE_NOT_FOUND',
      message: expect.stringContaining('/nowhere/app') as string,
    });
  });

  it('fails with the code of a refused login', async () => {
    const actions: PostInstallCallback = async (_local, remote) => {
      await remote.runCommand('true');
    };
    await provision(async () => undefined);
    test.ssh.refusal = new RuntimeError('SSH_AUTH_REFUSED', 'no');
    await expect(provision(actions)).rejects.toMatchObject({ code: 'SSH_AUTH_REFUSED' });
  });

  it('keeps passwords and inputs out of the state', async () => {
    test.ssh.answer = () => ({ stdout: `the password is ${PASSWORD}` });
    await provision(async (_local, remote) => {
      await remote.runCommand('cat', { input: 'top secret input' });
    });
    const files = ['tpi_state.json', 'tpi_state.journal/Node1.post_installation.jsonl'];
    const texts = await Promise.all(files.map((file) => readFile(join(test.cacheDir, file), 'utf8')));
    const state = texts.join('\n');
    expect(state).toContain('the password is [secret]');
    expect(state).not.toContain(PASSWORD);
    expect(state).not.toContain('top secret input');
  });
});
