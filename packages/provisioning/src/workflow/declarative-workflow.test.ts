import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { definePlugin } from '@turingpi/core/plugin';
import {
  rejection,
  sampleCluster,
  SampleBoard,
  temporaryDirectory,
} from '../../../core/src/cluster/sample-cluster.fixture.js';
import { Node1, Secret } from '@turingpi/foundation';
import type { BoardDriver } from '../board/board-driver.js';
import { provisioningPlugin } from '../provisioning-plugin.js';

import { declarativeWorkflow } from './declarative-workflow.js';
import { AmbiguousMode } from './file-mode.js';
import { type BuilderCall, recordingOs } from './recording-os.fixture.js';

class PlainBoard extends SampleBoard {
  readonly strategies = [];
}

const KEY = 'ssh-ed25519 AAAA me';

/** Runs a `workflow` section for one node. @returns What its builders were told, by method. */
async function told(workflow: object, options: { readonly force?: boolean } = {}) {
  const calls: BuilderCall[] = [];
  const directory = await temporaryDirectory();
  await writeFile(path.join(directory, 'shipped'), 'as-shipped\n');
  const plugin = definePlugin({
    name: 'recording',
    requires: [provisioningPlugin],
    os: [recordingOs(calls)],
    boards: [PlainBoard as unknown as new () => BoardDriver],
  });
  const { cluster } = await sampleCluster(
    {
      plugins: [plugin],
      node1: { ip: '10.0.0.11', board: 'rk1', os: 'ubuntu' },
      node2: { ip: '10.0.0.12', board: 'rk1', os: 'ubuntu' },
      workflow: { baseImages: { ubuntu: 'base.img.xz' }, ...workflow },
    },
    { baseDir: directory, directory },
  );
  const environment = { NEW_PASSWORD: 'new-password' };
  await cluster.run(declarativeWorkflow(cluster, { environment, ...options }))(Node1);
  return Object.fromEntries(calls) as Record<string, Record<string, unknown>> & { performed?: unknown };
}

const user = { name: 'me', password: { env: 'NEW_PASSWORD' }, sshKeys: [KEY] };

describe('a declared workflow', () => {
  it('gives user, password and keys to the image and to the installer', async () => {
    const { withCredentials, osInstaller, withGenericConfig, withForce } = await told({
      user,
      timezone: 'Etc/UTC',
    });
    const password = new Secret('new-password');
    expect(withCredentials).toEqual({ username: 'me', password, sshKeys: [KEY], timezone: 'Etc/UTC' });
    expect(osInstaller).toEqual({ username: 'me', initialUserPassword: password });
    expect(withGenericConfig).toEqual({ sshKeys: [KEY], timezone: 'Etc/UTC' });
    expect(withForce).toBe(false);
  });

  it('leaves the accounts of the image to the first login, when told so', async () => {
    const firstLogin = { username: 'me', password: { file: './shipped' }, over: 'console' };
    const { withCredentials, osInstaller, withGenericConfig } = await told({
      user,
      timezone: 'Etc/UTC',
      install: { firstLogin },
    });
    expect(withCredentials).toEqual({ timezone: 'Etc/UTC' });
    expect(osInstaller).toMatchObject({
      username: 'me',
      firstLogin: { username: 'me', over: 'console' },
    });
    const { initialUserPassword, firstLogin: passed } = osInstaller as {
      initialUserPassword: Secret;
      firstLogin: { password: Secret };
    };
    expect(initialUserPassword.reveal()).toBe('new-password');
    expect(passed.password.reveal()).toBe('as-shipped'); // a path from the configuration's folder
    expect(withGenericConfig).toEqual({ sshKeys: [KEY], timezone: 'Etc/UTC' });
  });

  it('passes a publicly known password as the text that it is, and lets a node say something else', async () => {
    const common = { user, install: { firstLogin: { password: 'ubuntu' } } };
    expect((await told(common))['osInstaller']).toMatchObject({ firstLogin: { password: 'ubuntu' } });
    const nodes = { node1: { install: { firstLogin: {} } } };
    expect((await told({ ...common, nodes }))['osInstaller']).toMatchObject({ firstLogin: {} });
  });

  it.each([
    [
      'a misspelt key',
      { usernme: 'me' },
      /workflow\.install\.firstLogin\.usernme` unknown key, did you mean `username`/,
    ],
    ['another way', { over: 'telnet' }, /workflow\.install\.firstLogin\.over` .*ssh.*console/],
    ['a number', 1, /workflow\.install\.firstLogin` .*a map of keys/],
  ])('names the place of %s in firstLogin', async (_what, firstLogin, message) => {
    const error = await rejection(told({ user, install: { firstLogin } }));
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each<[string, object[], boolean]>([
    ['nothing', [], false],
    [
      'a command without it, and one on this computer',
      [{ run: 'id', sudo: false }, { runLocal: ['make'] }],
      false,
    ],
    ['a command', [{ run: 'id' }], true],
    ['a restart among others', [{ run: 'id', sudo: false }, { reboot: true }], true],
  ])('has the image made for what works as root: %s', async (_what, postInstall, expected) => {
    expect('requireRoot' in (await told({ user, postInstall }))).toBe(expected);
  });

  it.each([
    ['a number of code', 0o644, 0o644],
    ['octal text', '0644', 0o644],
    ['octal text without the zero', '644', 0o644],
    ['octal text as YAML 1.2 writes it', '0o1777', 0o1777],
  ])('takes %s as a mode', async (_what, mode, expected) => {
    const { performed } = await told({ user, postInstall: [{ write: { path: '/a', content: '', mode } }] });
    expect(performed).toEqual([['write', { path: '/a', content: '', mode: expected }]]);
  });

  it.each([
    [
      'a bare number of a file',
      new AmbiguousMode('644'),
      /`workflow\.files\[0\]\.mode` is 644, .*write 0644/,
    ],
    ['another one', new AmbiguousMode('493'), /write 0644/],
    ['digits that are not octal', '0888', /octal/],
  ])('refuses %s as a mode', async (_what, mode, message) => {
    const error = await rejection(told({ user, files: [{ path: '/a', content: '', mode }] }));
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });

  it('names the key whose secret is missing', async () => {
    const firstLogin = { password: { env: 'NOT_SET' } };
    await expect(told({ user, install: { firstLogin } })).rejects.toMatchObject({
      code: 'CONFIG_SECRET_MISSING',
      message: expect.stringContaining('`workflow.install.firstLogin.password`') as string,
    });
  });

  it('takes images that do not fit when it is forced', async () => {
    expect((await told({ user }, { force: true }))['withForce']).toBe(true);
  });
});
