import { osInstallerOf } from '@turingpi/provisioning';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CustomizedImage, InstalledNode } from '@turingpi/core';
import { Node1 } from '@turingpi/foundation';
import type { Context } from '@turingpi/core/plugin';
import type { GenericInstallConfig, OsInstallerOptions } from '@turingpi/provisioning';
import { RuntimeError } from '@turingpi/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PreparedImage } from '../driver/prepared-image.fixture.js';
import type { TestCluster } from '../driver/test-cluster.fixture.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ ops@example';
const NEW = 'a-new-password';
const LOGIN = '\r\nnode1 login: ';

let bare: PreparedImage;
let test: TestCluster;
beforeAll(async () => {
  bare = await PreparedImage.make();
});
afterAll(() => bare[Symbol.asyncDispose]());
beforeEach(async () => {
  test = await bare.cluster();
  // A node as it ships: the known password gets in, and must be changed before anything else.
  test.ssh.refusal = ({ auth }) => {
    const password = auth.password?.reveal();
    const current = test.ssh.changed.at(-1)?.password ?? 'ubuntu';
    if (password !== current) return new RuntimeError('SSH_AUTH_REFUSED', 'wrong password');
    return current === 'ubuntu' ? new RuntimeError('SSH_PASSWORD_EXPIRED', 'change it') : undefined;
  };
});
afterEach(() => test[Symbol.asyncDispose]());

/** Plays getty and login of a node that wants another password, and tells the SSH server about it. */
function playConsole(): void {
  test.board.console = [`systemd[1]: Started Getty.\r\n${LOGIN}`];
  const answers: Record<string, string> = { ubuntu: 'Password: ', exit: LOGIN, '': LOGIN };
  let asked = ['Current password: ', 'New password: ', 'Retype new password: ', 'ubuntu@node1:~$ '];
  test.board.answer = (line) => {
    const loggingIn = test.board.typed.filter((typed) => typed === 'ubuntu').length === 1;
    if (line === 'ubuntu' && loggingIn) return `${line}\r\n${answers['ubuntu']!}`;
    if (line === 'ubuntu' || line === NEW) {
      const [next = '', ...rest] = asked;
      asked = rest;
      if (rest.length === 0) test.ssh.changed.push({ username: 'ubuntu', password: NEW });
      return `\r\n${next}`;
    }
    return answers[line];
  };
}

async function install(
  options: OsInstallerOptions = {},
  generic: GenericInstallConfig = {},
  image: CustomizedImage = bare.image,
  environment?: Context['environment'],
): Promise<InstalledNode> {
  const cluster = await test.open({}, environment && { environment });
  let installed: InstalledNode | undefined;
  await cluster.run(async (context: Context) => {
    installed = await osInstallerOf('ubuntu', {
      initialUserPassword: NEW,
      ...options,
    })
      .usingImage(image)
      .withGenericConfig(generic)
      .run(context);
  })(Node1);
  return installed!;
}

describe('first login', () => {
  it('is how an image without accounts of ours gets its password, over SSH', async () => {
    const installed = await install({}, { sshKeys: [KEY] });
    expect(installed.username).toBe('ubuntu');
    expect(test.ssh.changed).toEqual([{ username: 'ubuntu', password: NEW }]);
    expect(test.ssh.targets.map(({ auth }) => auth.password?.reveal())).toEqual(['ubuntu', NEW]);
    for (const { hostKeys } of test.ssh.targets) expect(hostKeys).toEqual(bare.image.hostKeys);
    expect(test.ssh.commands[0]).toContain('.ssh/authorized_keys');
    expect(test.board.typed).toEqual([]);
    expect(await readFile(join(test.cacheDir, 'tpi_state.json'), 'utf8')).not.toContain(NEW);
  });

  it('is skipped with the installation, and done again for another password', async () => {
    await install();
    test.takePhaseEvents();
    await install();
    expect(test.takePhaseEvents()).toEqual(['skipped os_installation']);
    test.ssh.changed.length = 0; // the node is flashed again
    await install({ initialUserPassword: 'yet-another' });
    expect(test.ssh.changed).toEqual([{ username: 'ubuntu', password: 'yet-another' }]);
  });

  it('sets the password where nobody asks for a change', async () => {
    test.ssh.refusal = undefined;
    await install();
    expect(test.ssh.commands[0]).toBe('sudo chpasswd');
  });

  it('takes the login that it is told', async () => {
    test.ssh.refusal = ({ auth }) =>
      auth.password?.reveal() === 'factory' ? new RuntimeError('SSH_PASSWORD_EXPIRED', 'x') : undefined;
    const installed = await install({ firstLogin: { username: 'admin', password: 'factory' } });
    expect(installed.username).toBe('admin');
    expect(test.ssh.changed).toEqual([{ username: 'admin', password: NEW }]);
  });

  it('looks for passwords in the environment that the cluster was created with', async () => {
    test.ssh.refusal = ({ auth }) =>
      auth.password?.reveal() === 'factory' ? new RuntimeError('SSH_PASSWORD_EXPIRED', 'x') : undefined;
    const firstLogin = { username: 'admin', password: { env: 'SHIPPED' } };
    await install({ initialUserPassword: { env: 'WANTED' }, firstLogin }, {}, bare.image, {
      SHIPPED: 'factory',
      WANTED: NEW,
    });
    expect(test.ssh.changed).toEqual([{ username: 'admin', password: NEW }]);
  });

  it('happens on the serial console when SSH takes no passwords', async () => {
    playConsole();
    const refuse = test.ssh.refusal as Exclude<typeof test.ssh.refusal, RuntimeError | 'wait' | undefined>;
    test.ssh.refusal = (target) =>
      test.ssh.changed.length === 0 ? new RuntimeError('SSH_AUTH_REFUSED', 'no passwords') : refuse(target);
    await install();
    expect(test.board.typed).toEqual(['', 'ubuntu', 'ubuntu', 'ubuntu', NEW, NEW, 'exit']);
  });

  it('happens on the serial console when it is told so, without an empty line that would stop the boot loader', async () => {
    playConsole();
    await install({ firstLogin: { over: 'console' } });
    expect(test.board.typed).toEqual(['ubuntu', 'ubuntu', 'ubuntu', NEW, NEW, 'exit']);
    expect(test.ssh.targets.map(({ auth }) => auth.password?.reveal())).toEqual([NEW]);
  });

  it('goes to the console after an odd dialogue over SSH, not after a refused password', async () => {
    playConsole();
    test.ssh.changeFailure = new RuntimeError('SSH_PASSWORD_CHANGE_FAILED', 'no', {
      cause: new RuntimeError('DIALOGUE_TIMEOUT', 'odd'),
    });
    await install();
    expect(test.board.typed).not.toEqual([]);
    test.ssh.changed.length = 0;
    test.board.typed.length = 0;
    test.ssh.changeFailure = new RuntimeError('SSH_PASSWORD_CHANGE_FAILED', 'too short');
    await expect(install({ initialUserPassword: 'other' })).rejects.toMatchObject({
      code: 'SSH_PASSWORD_CHANGE_FAILED',
    });
    expect(test.board.typed).toEqual([]);
  });

  it.each([
    ['before it changed the password', []],
    ['after it', [{ username: 'ubuntu', password: NEW }]],
  ])('is tried again with a busy node that fell silent %s', async (_when, done) => {
    test.ssh.changeFailure = new RuntimeError('SSH_TIMEOUT', 'no answer in time');
    const change = test.ssh.changeExpiredPassword.bind(test.ssh);
    let dialogues = 0;
    test.ssh.changeExpiredPassword = async (...parameters) => {
      dialogues += 1;
      if (dialogues === 1) test.ssh.changed.push(...done);
      else test.ssh.changeFailure = undefined;
      return change(...parameters);
    };
    await install();
    expect(dialogues).toBe(done.length === 0 ? 2 : 1);
    expect(test.ssh.changed).toEqual([{ username: 'ubuntu', password: NEW }]);
    expect(test.board.typed).toEqual([]);
  });

  it('leaves no connection open when the keys cannot be added', async () => {
    test.ssh.answer = (command) => (command.includes('authorized_keys') ? { exitCode: 1 } : undefined);
    await expect(install({}, { sshKeys: [KEY] })).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
    expect(test.ssh.closed).toBe(1);
  });

  const refused: [string, OsInstallerOptions, GenericInstallConfig, string][] = [
    ['another user', { username: 'ops' }, {}, 'FIRST_LOGIN_IMPOSSIBLE'],
    ['the shipped password again', { initialUserPassword: 'ubuntu' }, {}, 'FIRST_LOGIN_IMPOSSIBLE'],
    ['an empty password', { initialUserPassword: '' }, {}, 'PASSWORD_EMPTY'],
    ['a malformed key', {}, { sshKeys: ['ssh-ed25519 AAAA'] }, 'SSH_PUBLIC_KEY_INVALID'],
    ['no waiting', { skipBootWait: true, firstLogin: {} }, {}, 'FIRST_LOGIN_IMPOSSIBLE'],
    ['no waiting, silently', { skipBootWait: true }, {}, 'PHASE_INPUT_MISSING'],
    ['what only an image can hold', {}, { timezone: 'Europe/Berlin' }, 'PHASE_INPUT_MISSING'],
  ];
  it.each(refused)('refuses %s before anything is flashed', async (_name, options, generic, code) => {
    await expect(install(options, generic)).rejects.toMatchObject({ code });
    expect(test.board.installed).toEqual([]);
  });

  it('refuses to guess the login of an image that has no customary one', async () => {
    const image = { ...bare.image, linux: { ...bare.image.linux!, family: 'debian' as const } };
    await expect(install({ firstLogin: {} }, {}, image)).rejects.toMatchObject({
      code: 'FIRST_LOGIN_IMPOSSIBLE',
      hint: expect.stringContaining('username') as string,
    });
  });
});
