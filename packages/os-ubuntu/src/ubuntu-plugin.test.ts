import provisioningPlugin, { imageBuilderOf } from '@turingpi/provisioning';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createTuringPi, type CustomizedImage } from '@turingpi/core';
import { Node1 } from '@turingpi/foundation';
import type { BoardDriver } from '@turingpi/provisioning';
import { type Context, definePlugin } from '@turingpi/core/plugin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import ubuntuPlugin, { ubuntuImage, ubuntuOsInstaller, ubuntuPostInstaller } from './index.js';

const base = (name: string): string =>
  resolve(import.meta.dirname, '../../virtual-node/base-images', `${name}.img.xz`);
/** A board type without hardware: enough for the first phase. */
const boardPlugin = definePlugin({
  name: 'test-board',
  requires: [provisioningPlugin],
  boards: [
    class implements BoardDriver {
      readonly id = 'rk1';
      readonly title = 'a board for tests';
      readonly strategies = [];
      powerOn = (): Promise<void> => Promise.resolve();
      powerOff = (): Promise<void> => Promise.resolve();
      sendConsoleLine = (): Promise<void> => Promise.resolve();
      async *followConsole(): AsyncIterable<string> {
        yield* [];
      }
    },
  ],
});

describe('Ubuntu plugin', () => {
  let cacheDir: string;
  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'turingpi-ubuntu-'));
  });
  afterEach(() => rm(cacheDir, { recursive: true, force: true }));

  async function run<T>(workflow: (context: Context) => Promise<T>): Promise<T> {
    const cluster = await createTuringPi(
      {
        ip: '127.0.0.1',
        cacheDir,
        node1: { ip: '192.168.1.101', board: 'rk1', os: 'ubuntu' },
        plugins: [ubuntuPlugin, boardPlugin],
      },
      { approve: 'all' },
    );
    let result: T | undefined;
    await cluster.run(async (context: Context) => {
      result = await workflow(context);
    })(Node1);
    return result as T;
  }

  it('brings its services along and makes an image through the exported function', async () => {
    const image = await run((context) =>
      ubuntuImage().withBaseImage(base('rk1-ubuntu')).withCredentials({ password: 'first' }).run(context),
    );
    expect(image).toMatchObject({ os: 'ubuntu', linux: { username: 'ubuntu' } });
  });

  it('is the same through its exported functions and by its id, as turingpi.yaml names it', async () => {
    const [one, two] = await run(async (context): Promise<CustomizedImage[]> => [
      await imageBuilderOf('ubuntu').withBaseImage(base('rk1-ubuntu')).run(context),
      await ubuntuImage().withBaseImage(base('rk1-ubuntu')).run(context),
    ]);
    expect(two).toEqual(one); // the second one was skipped
  });

  it('refuses an image of another distribution', async () => {
    await expect(
      run((context) => ubuntuImage().withBaseImage(base('rpi-debian')).run(context)),
    ).rejects.toMatchObject({ code: 'OS_MISMATCH' });
  });

  it('names the call that is missing in each builder', async () => {
    await expect(run((context) => ubuntuImage().run(context))).rejects.toThrow(
      'withBaseImage was not called',
    );
    await expect(run((context) => ubuntuOsInstaller().run(context))).rejects.toThrow(
      'usingImage was not called',
    );
    await expect(
      run((context) => ubuntuPostInstaller().runActions(context, async () => undefined)),
    ).rejects.toMatchObject({ code: 'PHASE_INPUT_MISSING' });
  });
});
