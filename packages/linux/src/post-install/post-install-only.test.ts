import { osInstallerOf } from '@turingpi/provisioning';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { cwd } from 'node:process';
import { Node1, type SecretSource } from '@turingpi/foundation';
import type { Context } from '@turingpi/core/plugin';
import { postInstallerOf, type PostInstallerOptions } from '@turingpi/provisioning';
import { RuntimeError } from '@turingpi/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PreparedImage } from '../driver/prepared-image.fixture.js';
import type { TestCluster } from '../driver/test-cluster.fixture.js';

const PASSWORD = 'Correct-Horse-7';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ';
let prepared: PreparedImage;
let test: TestCluster;
beforeAll(async () => {
  prepared = await PreparedImage.make({ password: PASSWORD, sshKeys: [`${KEY} ops@example`] });
});
afterAll(() => prepared[Symbol.asyncDispose]());
beforeEach(async () => {
  test = await prepared.cluster();
  vi.stubEnv('TURINGPI_TEST_PASSWORD', PASSWORD);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await test[Symbol.asyncDispose]();
});

async function install(initialUserPassword: SecretSource): Promise<void> {
  const cluster = await test.open();
  await cluster.run(async (context: Context) => {
    await osInstallerOf('ubuntu', { initialUserPassword })
      .usingImage(prepared.image)
      .withGenericConfig({ sshKeys: [`${KEY} somebody@else`] })
      .run(context);
  })(Node1);
}

/** A program of its own: another cluster object over the same directory, and this phase alone. */
async function configure(options?: PostInstallerOptions): Promise<void> {
  const cluster = await test.open();
  await cluster.run(async (context: Context) => {
    await postInstallerOf('ubuntu', options).runActions(context, async (_local, remote) => {
      await remote.runCommand('id');
    });
  })(Node1);
}

interface Installed {
  login?: unknown;
}
const stateFile = () => join(test.cacheDir, 'tpi_state.json');
async function recorded(): Promise<Installed> {
  const state = JSON.parse(await readFile(stateFile(), 'utf8')) as {
    Node1: { os_installation: { output: Installed } };
  };
  return state.Node1.os_installation.output;
}

describe('a program that only runs post-install', () => {
  it.each([
    ['a variable', () => ({ env: 'TURINGPI_TEST_PASSWORD' })],
    ['a file', () => ({ file: relative(cwd(), join(test.cacheDir, 'password')) })],
  ])('logs in as the record says, with the password from %s', async (_where, source) => {
    const file = join(test.cacheDir, 'password');
    await writeFile(file, `${PASSWORD}\n`);
    const given = source();
    await install(given);
    const [boot] = test.ssh.targets.splice(0);
    test.takePhaseEvents();
    await configure();
    expect(test.takePhaseEvents()).toEqual(['started post_installation', 'completed post_installation']);
    expect(test.ssh.targets).toMatchObject([{ username: 'ubuntu', hostKeys: boot?.hostKeys }]);
    expect(test.ssh.targets[0]?.auth.password?.reveal()).toBe(PASSWORD);
    const password = 'file' in given ? { file } : given;
    expect((await recorded()).login).toEqual({ sshKeys: [KEY], password });
    expect(await readFile(stateFile(), 'utf8')).not.toContain(PASSWORD);
  });

  it('says what is left when the password was given as a value', async () => {
    await install(PASSWORD);
    expect(JSON.stringify(await recorded())).not.toContain(PASSWORD);
    test.ssh.targets.length = 0;
    test.ssh.refusal = ({ auth }) =>
      auth.password?.reveal() === PASSWORD ? undefined : new RuntimeError('SSH_AUTH_REFUSED', 'refused');
    await expect(configure()).rejects.toMatchObject({
      code: 'SSH_AUTH_REFUSED',
      message: expect.stringContaining('given to the installer as a value, which is not recorded') as string,
      hint: expect.stringMatching(/postInstaller\(\{ password.*ssh\.privateKey/) as string,
    });
    expect(test.ssh.commands).not.toContain('sudo id');
    await configure({ password: { env: 'TURINGPI_TEST_PASSWORD' } });
    expect(test.ssh.commands).toContain('sudo id');
  });

  it('names the variable that is not set here, once a login is refused', async () => {
    await install({ env: 'TURINGPI_TEST_PASSWORD' });
    vi.stubEnv('TURINGPI_TEST_PASSWORD', undefined);
    await configure(); // a key may be enough
    test.ssh.refusal = new RuntimeError('SSH_AUTH_REFUSED', 'refused');
    const cluster = await test.open();
    const other = cluster.run(async (context: Context) => {
      await postInstallerOf('ubuntu').runActions(context, async (_local, remote) => {
        await remote.runCommand('another');
      });
    });
    await expect(other(Node1)).rejects.toMatchObject({
      code: 'SSH_AUTH_REFUSED',
      message: expect.stringContaining('TURINGPI_TEST_PASSWORD, which is not set') as string,
    });
  });

  it('needs an installation on record, and says what to run', async () => {
    await expect(configure()).rejects.toMatchObject({
      code: 'PHASE_INPUT_MISSING',
      message: 'no installation of node1 is on record',
      hint: expect.stringContaining('os installer') as string,
    });
  });

  it('takes a record of an earlier version', async () => {
    await install(PASSWORD);
    const state = JSON.parse(await readFile(stateFile(), 'utf8')) as {
      Node1: { os_installation: { output: Installed } };
    };
    delete state.Node1.os_installation.output.login;
    await writeFile(stateFile(), JSON.stringify(state));
    await configure();
    expect(test.ssh.commands).toContain('sudo id');
    test.ssh.refusal = new RuntimeError('SSH_AUTH_REFUSED', 'refused');
    await writeFile(stateFile(), JSON.stringify(state)); // without that action
    await expect(configure()).rejects.toMatchObject({
      message: expect.stringContaining('record does not say how to log in') as string,
    });
  });
});

it('a record learns where the password is now, and nothing is done for it', async () => {
  await install(PASSWORD);
  test.takePhaseEvents();
  await install({ env: 'TURINGPI_TEST_PASSWORD' });
  expect(test.takePhaseEvents()).toEqual(['skipped os_installation']);
  expect((await recorded()).login).toEqual({ sshKeys: [KEY], password: { env: 'TURINGPI_TEST_PASSWORD' } });
  expect(test.board.installed).toHaveLength(1);
  const before = await readFile(stateFile(), 'utf8');
  await install({ env: 'TURINGPI_TEST_PASSWORD' });
  expect(await readFile(stateFile(), 'utf8')).toBe(before);
});
