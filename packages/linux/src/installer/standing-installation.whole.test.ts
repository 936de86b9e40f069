import { imageBuilderOf, osInstallerOf } from '@turingpi/provisioning';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { CustomizedImage, InstalledNode } from '@turingpi/core';
import { Node1 } from '@turingpi/foundation';
import type { Context } from '@turingpi/core/plugin';
import type { FirstBootCredentials } from '@turingpi/provisioning';
import { BackendImageEngine } from '@turingpi/image';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RK1_UBUNTU, RPI_DEBIAN, TestCluster } from '../driver/test-cluster.fixture.js';

const [A, B] = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBmBWYKTkZbXTgYHPmRPzHCZO1I7cPbMyVVJzDwXCVXY',
] as const;
vi.setConfig({ testTimeout: 180_000 }); // several whole images
const { signal } = new AbortController();

interface Project {
  base: string;
  force: boolean;
  settings: FirstBootCredentials;
  password: string;
}
interface Outcome {
  readonly image: CustomizedImage;
  readonly installed: InstalledNode;
}

let test: TestCluster;
let project: Project;
let work: string;
beforeEach(async () => {
  test = await TestCluster.create();
  test.board.readsImages = false; // how often something is written is what counts, not what
  work = join(test.cacheDir, 'project');
  const settings = { sshKeys: [`${A} me@home`, B], packages: ['htop', 'jq'], timezone: 'Europe/Berlin' };
  project = { base: RK1_UBUNTU, force: false, settings, password: 'Correct-Horse-7' };
});
afterEach(() => test[Symbol.asyncDispose]());

/** The first two phases: the password comes with the installer, everything else with the image builder. */
async function up(cacheDir = test.cacheDir): Promise<Outcome> {
  const cluster = await test.open({ cacheDir });
  const os = 'ubuntu';
  let outcome: Outcome | undefined;
  await cluster.run(async (context: Context) => {
    const image = await imageBuilderOf(os)
      .withBaseImage(project.base)
      .withCredentials(project.settings)
      .withPreInstall((files) => files.writeFile('/etc/my_app', 'data'))
      .withForce(project.force)
      .run(context);
    const installed = await osInstallerOf(os, { initialUserPassword: project.password })
      .usingImage(image)
      .run(context);
    outcome = { image, installed };
  })(Node1);
  return outcome!;
}

async function unpackedBase(): Promise<string> {
  const path = join(test.cacheDir, 'unpacked.img');
  const { stream } = await new BackendImageEngine().stream(RK1_UBUNTU, 'raw', { signal });
  await pipeline(stream, createWriteStream(path));
  return path;
}

const SKIPPED = ['skipped image_customization', 'skipped os_installation'];
/** Does what has no meaning; may return another cache directory. */
type Edit = () => Promise<unknown>;
const edits: Record<string, Edit> = {
  'the image is deleted': () => rm(join(test.cacheDir, 'node1.img.xz')),
  'the image is altered': () => writeFile(join(test.cacheDir, 'node1.img.xz'), 'x'),
  'everything but state and secrets is deleted': async () => {
    for (const name of await readdir(test.cacheDir))
      if (!name.endsWith('.json')) await rm(join(test.cacheDir, name), { recursive: true });
  },
  'credentials.key of an earlier version is made and deleted': async () => {
    await writeFile(join(test.cacheDir, 'credentials.key'), Buffer.alloc(32));
    await rm(join(test.cacheDir, 'credentials.key'));
  },
  'the folder is moved': async () => {
    const { cacheDir } = test;
    await rename(cacheDir, `${cacheDir}-moved`);
    return `${cacheDir}-moved`;
  },
  'force is given': async () => {
    project.force = true;
  },
  'comments and the order of keys change': async () => {
    project.settings = { ...project.settings, sshKeys: [B, `${A} me@work`] };
  },
  'the order of packages changes': async () => {
    project.settings = { ...project.settings, packages: ['jq', 'htop'] };
  },
  'the base is copied elsewhere': async () => {
    project.base = join(test.cacheDir, 'copy.img.xz');
    await copyFile(RK1_UBUNTU, project.base);
    await utimes(project.base, new Date(0), new Date(0));
  },
  'the base is unpacked': async () => {
    project.base = await unpackedBase();
  },
  'the base is compressed otherwise': async () => {
    project.base = join(test.cacheDir, 'again.img.gz');
    await pipeline(
      createReadStream(await unpackedBase()),
      createGzip({ level: 1 }),
      createWriteStream(project.base),
    );
  },
};

describe('an installation that stands', () => {
  it.each(Object.keys(edits))('goes on standing when %s', async (name) => {
    const first = await up();
    test.takePhaseEvents();
    const result = await edits[name]!();
    const moved = typeof result === 'string' ? result : undefined;
    try {
      const again = await up(moved);
      expect(test.takePhaseEvents()).toEqual(SKIPPED);
      expect(again.installed).toEqual(first.installed);
      expect(test.board.installed).toHaveLength(1);
    } finally {
      if (moved) await rename(moved, test.cacheDir);
    }
  });

  it('is another one, with keys and an id of its own, when something changed', async () => {
    const first = await up();
    project.settings = { ...project.settings, username: 'ops' }; // what is not changed on a node as it runs
    const second = await up();
    expect([first.installed.generation, second.installed.generation]).toEqual([1, 2]);
    expect(second.installed.installationId).not.toBe(first.installed.installationId);
    for (const key of second.installed.hostKeys) expect(first.installed.hostKeys).not.toContain(key);
    test.takePhaseEvents();
    expect((await up()).installed).toEqual(second.installed);
    expect(test.takePhaseEvents()).toEqual(SKIPPED);
  });

  it('is known by the id that its image says', async () => {
    const { installed } = await up();
    const path = join(test.cacheDir, 'node1.img.xz');
    await using session = await new BackendImageEngine().open(path, { signal, cacheDir: work });
    const text = await (await session.files('root')).readText('/etc/turingpi/installation.json');
    expect(JSON.parse(text!)).toMatchObject({ id: installed.installationId, generation: 1 });
  });

  it('says nothing of a base image that was replaced while the node was written', async () => {
    project.base = join(test.cacheDir, 'latest.img.xz');
    await copyFile(RK1_UBUNTU, project.base);
    test.board.beforeRead = () => copyFile(RPI_DEBIAN, project.base);
    const { installed } = await up();
    expect(installed.baseContent).toBeUndefined();
    expect((await up().catch((error: unknown) => error)) as object).toMatchObject({ code: 'OS_MISMATCH' });
  });

  it('is followed by one of the next generation when the record of it is lost', async () => {
    const first = await up();
    const stateFile = join(test.cacheDir, 'tpi_state.json');
    const state = JSON.parse(await readFile(stateFile, 'utf8')) as { Node1: Record<string, unknown> };
    delete state.Node1['os_installation'];
    await writeFile(stateFile, JSON.stringify(state));
    const second = await up();
    expect(second.installed.generation).toBe(2);
    expect(second.installed.installationId).not.toBe(first.installed.installationId);
    await rm(stateFile);
    expect((await up()).installed.generation).toBe(3);
  });
});

describe('an image that is to be written', () => {
  it('is made again, the same, when its file is gone or altered since it was made', async () => {
    test.board.readsImages = true;
    test.board.failure = new Error('no flash today');
    await expect(up()).rejects.toThrow();
    const path = join(test.cacheDir, 'node1.img.xz');
    const before = await readFile(path);
    test.board.beforeRead = () => writeFile(path, 'x');
    test.board.failure = undefined;
    const { installed } = await up();
    expect(installed.generation).toBe(1);
    expect(await readFile(path)).toEqual(before);
    expect(test.board.installed).toHaveLength(1);
  });
});
