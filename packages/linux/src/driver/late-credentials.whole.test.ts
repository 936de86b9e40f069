import { copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Node1, type SecretSource } from '@turingpi/foundation';
import type { CustomizedImage } from '@turingpi/core';
import { BackendImageEngine } from '@turingpi/image';
import { imageBuilderOf, osInstallerOf } from '@turingpi/provisioning';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RK1_UBUNTU, RPI_DEBIAN, TestCluster } from './test-cluster.fixture.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ';
const PASSWORD = 'Correct-Horse-7';
const environment = { FIRST: PASSWORD };
/** Long enough to be no part of a line by chance. */
const WRITTEN = 'what a callback wrote, and is to be there again';

let test: TestCluster;
beforeEach(async () => {
  test = await TestCluster.create();
  test.board.readsImages = false;
});
afterEach(() => test[Symbol.asyncDispose]());

/** Phase 1, and its record as another process reads it. */
async function prepare(password?: SecretSource, base = RK1_UBUNTU): Promise<CustomizedImage> {
  const cluster = await test.open({}, { environment });
  const image = await cluster.run((context) =>
    imageBuilderOf('ubuntu')
      .withBaseImage(base)
      .withCredentials({ timezone: 'Europe/Berlin', ...(password !== undefined && { password }) })
      .withPreInstall((modifier) => modifier.writeFile('/etc/written', WRITTEN))
      .run(context),
  )(Node1);
  return JSON.parse(JSON.stringify(image)) as CustomizedImage;
}

/** Phase 2 alone, in a cluster that has not made the image. @returns What is in the image on record then. */
async function install(image: CustomizedImage, options: { environment?: Record<string, string> } = {}) {
  const cluster = await test.open({}, { environment, ...options });
  await cluster.run((context) =>
    osInstallerOf('ubuntu', { skipBootWait: true })
      .usingImage(image)
      .withGenericConfig({ sshKeys: [KEY] })
      .run(context),
  )(Node1);
  const { path = '' } = (await cluster.status()).get(Node1)?.image_customization.output ?? {};
  const { signal } = new AbortController();
  const file = join(test.cacheDir, path as string);
  await using session = await new BackendImageEngine().open(file, { signal, cacheDir: test.cacheDir });
  const files = await session.files();
  return {
    keys: await files.readText('/home/ubuntu/.ssh/authorized_keys'),
    written: await files.readText('/etc/written'),
    timezone: await files.readLink('/etc/localtime').catch(() => undefined),
    shadow: await files.readText('/etc/shadow'),
  };
}

/** The hash of what decided phase 1. */
async function recorded(): Promise<string | undefined> {
  return (await (await test.open()).status()).get(Node1)?.image_customization.input_hash;
}

describe('keys that the installer is given in another process than the one that made the image', () => {
  it('are in the image, and so is what its builder was told', async () => {
    const found = await install(await prepare({ env: 'FIRST' }));
    expect(found.keys).toContain(KEY);
    expect(found.written).toBe(WRITTEN);
    expect(found.timezone).toContain('Europe/Berlin');
    expect(found.shadow).toMatch(/^ubuntu:\$6\$/m);
  });

  it('are refused when the password of the builder is known to its own process alone', async () => {
    const image = await prepare(PASSWORD);
    await expect(install(image)).rejects.toMatchObject({ code: 'PHASE_INPUT_MISSING' });
  });

  it('are refused when its password cannot be read here', async () => {
    const image = await prepare({ env: 'FIRST' });
    await expect(install(image, { environment: {} })).rejects.toMatchObject({ code: 'PHASE_INPUT_MISSING' });
  });

  it('are refused when the base image is another one now: that would be another image than the one approved', async () => {
    const base = join(test.cacheDir, 'latest.img.xz');
    await copyFile(RK1_UBUNTU, base);
    const image = await prepare({ env: 'FIRST' }, base);
    await copyFile(RPI_DEBIAN, base);
    await expect(install(image)).rejects.toMatchObject({ code: 'IMAGE_SOURCE_CHANGED' });
  });

  it('leave phase 1 on record as its builder asked for it, also where they bring the password', async () => {
    const image = await prepare({ env: 'FIRST' });
    const before = await recorded();
    const cluster = await test.open({}, { environment: {} }); // the builder's password is not to be had here
    await cluster.run((context) =>
      osInstallerOf('ubuntu', { initialUserPassword: 'another-1', skipBootWait: true })
        .usingImage(image)
        .withGenericConfig({ sshKeys: [KEY] })
        .run(context),
    )(Node1);
    expect(await recorded()).toBe(before);
  });

  it('are in the image of this process, although nothing can be kept beside it', async () => {
    await writeFile(join(test.cacheDir, 'requests'), 'no folder');
    expect((await install(await prepare({ env: 'FIRST' }))).keys).toContain(KEY);
  });

  it.each(['gone', 'damaged'])('are refused when what its builder was told is %s', async (how) => {
    const image = await prepare();
    const directory = join(test.cacheDir, 'requests');
    for (const name of await readdir(directory))
      if (how === 'gone') await rm(join(directory, name));
      else
        await writeFile(join(directory, name), (await readFile(join(directory, name), 'utf8')).slice(0, -3));
    await expect(install(image)).rejects.toMatchObject({ code: 'PHASE_INPUT_MISSING' });
  });
});

it('keeps no password of an image, and what is in it for its owner alone', async () => {
  await prepare(PASSWORD);
  const directory = join(test.cacheDir, 'requests');
  const names = await readdir(directory);
  expect(names).toHaveLength(2); // the request, and what was written
  for (const name of names) {
    expect(await readFile(join(directory, name), 'utf8')).not.toContain(PASSWORD);
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  }
});
