import { imageBuilderOf } from '@turingpi/provisioning';
import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CustomizedImage } from '@turingpi/core';
import { Node1 } from '@turingpi/foundation';
import type { Context } from '@turingpi/core/plugin';
import { BackendImageEngine } from '@turingpi/image';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RK1_UBUNTU, RPI_DEBIAN, TestCluster } from '../driver/test-cluster.fixture.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ me';
vi.setConfig({ testTimeout: 180_000 }); // several whole images
const { signal } = new AbortController();
const places: TestCluster[] = [];
let board: string;
beforeEach(() => {
  board = 'rk1';
});
afterEach(async () => {
  vi.useRealTimers();
  for (const place of places.splice(0)) await place[Symbol.asyncDispose]();
});

async function newPlace(secretsOf?: TestCluster): Promise<TestCluster> {
  const place = await TestCluster.create(board);
  places.push(place);
  const name = 'node-secrets.json';
  if (secretsOf) await copyFile(join(secretsOf.cacheDir, name), join(place.cacheDir, name));
  return place;
}

async function build(place: TestCluster, locale = 'C.UTF-8'): Promise<CustomizedImage> {
  const cluster = await place.open();
  let image: CustomizedImage | undefined;
  const [os, base] = board === 'rk1' ? ['ubuntu', RK1_UBUNTU] : ['debian', RPI_DEBIAN];
  await cluster.run(async (context: Context) => {
    image = await imageBuilderOf(os)
      .withBaseImage(base)
      .withCredentials({ username: 'ops', password: 'Correct-Horse-7', sshKeys: [KEY], locale })
      .withPreInstall((files) => files.writeFile('/etc/my_app/config', 'data'))
      .run(context);
  })(Node1);
  return image!;
}

async function contentOf({ path }: CustomizedImage): Promise<string> {
  const { stream, sha256 } = await new BackendImageEngine().stream(path, 'raw', { signal });
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Uint8Array);
  expect(hash.digest('hex')).toBe(sha256);
  return sha256;
}

describe('equal inputs', () => {
  it.each(['rk1', 'cm4'])('give equal bytes, elsewhere and years later: %s', async (type) => {
    board = type;
    const here = await newPlace();
    const first = await build(here);
    const there = await newPlace(here);
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2031-05-06T07:08:09Z') });
    const second = await build(there);
    expect(second).toEqual({ ...first, path: second.path });
    expect(await contentOf(second)).toBe(await contentOf(first));
  });

  it('give other bytes to another project, whose secrets are its own', async () => {
    const first = await build(await newPlace());
    const second = await build(await newPlace());
    expect(second.hostKeys).not.toEqual(first.hostKeys);
    expect(second.installationId).not.toBe(first.installationId);
  });

  it('give the first bytes again after other ones', async () => {
    const place = await newPlace();
    const first = await build(place);
    const other = await build(place, 'de_DE.UTF-8');
    expect(other.sha256).not.toBe(first.sha256);
    expect(await build(place)).toEqual(first);
  });

  it('are in the image, by digest, with the installation that it will be', async () => {
    const place = await newPlace();
    const image = await build(place);
    await using session = await new BackendImageEngine().open(image.path, {
      signal,
      cacheDir: place.cacheDir,
    });
    const root = await session.files('root');
    const text = (await root.readText('/etc/turingpi/installation.json'))!;
    expect(JSON.parse(text)).toMatchObject({
      ...{ version: 1, id: image.installationId, node: 'Node1', board: 'rk1', generation: 1 },
      recipe: image.recipe,
    });
    const named = (JSON.parse(text) as { inputs: object }).inputs;
    expect(Object.keys(named)).toEqual(Object.keys(image.inputs!).sort());
    expect(await root.stat('/etc/turingpi/installation.json')).toMatchObject({ mode: 0o644, uid: 0 });
    const secrets = await readFile(join(place.cacheDir, 'node-secrets.json'), 'utf8');
    expect(text).not.toContain((JSON.parse(secrets) as { digestKey: string }).digestKey);
  });
});
