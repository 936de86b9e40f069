import { imageBuilderOf, osInstallerOf } from '@turingpi/provisioning';
import { join } from 'node:path';
import type { CustomizedImage } from '@turingpi/core';
import { Node1 } from '@turingpi/foundation';
import type { Context } from '@turingpi/core/plugin';
import { BackendImageEngine } from '@turingpi/image';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LinuxError } from '../linux-error.js';
import { readPartitions } from '../detection/read-partitions.js';
import { RPI_DEBIAN, TestCluster } from '../driver/test-cluster.fixture.js';
import { eepromRequirementOf } from './eeprom-requirement.js';

const PASSWORD = 'Correct-Horse-7';
const OLD = ' 5f 51 a1 7a\n'; // 2020-09-04
const NEW = ' 63 80 cf f3\n'; // 2022-11-25

let test: TestCluster;
beforeEach(async () => {
  test = await TestCluster.create('cm4');
  test.board.readsImages = false; // what is on the node is asked of its system here, which is made up
});
afterEach(() => test[Symbol.asyncDispose]());

/** A base image for a Raspberry Pi that says it is this Ubuntu. */
async function ubuntuBase(version: string): Promise<string> {
  const file = join(test.cacheDir, `ubuntu-${version}.img.xz`);
  const { signal } = new AbortController();
  await using session = await new BackendImageEngine().open(RPI_DEBIAN, { signal, cacheDir: test.cacheDir });
  const { root } = await readPartitions(session);
  await root.writeFile(
    '/etc/os-release',
    `PRETTY_NAME="Ubuntu ${version}"\nID=ubuntu\nVERSION_ID="${version}"\n`,
  );
  await session.save(file, { format: 'xz', signal, progress: () => undefined });
  return file;
}

async function build(base: string, force = false): Promise<CustomizedImage> {
  const cluster = await test.open();
  let image: CustomizedImage | undefined;
  await cluster.run(async (context: Context) => {
    const builder = imageBuilderOf('ubuntu').withBaseImage(base).withCredentials({ password: PASSWORD });
    image = await (force ? builder.withForce() : builder).run(context);
  })(Node1);
  return image!;
}

/** The node runs a system of ours, which the tests' SSH answers for. */
async function install(): Promise<void> {
  const cluster = await test.open();
  await cluster.run(async (context: Context) => {
    const image = await imageBuilderOf('debian')
      .withBaseImage(RPI_DEBIAN)
      .withCredentials({ password: PASSWORD })
      .run(context);
    await osInstallerOf('debian', { initialUserPassword: PASSWORD }).usingImage(image).run(context);
  })(Node1);
}

const warnings = (): readonly string[] =>
  test.events.flatMap((event) =>
    event.type === 'phase:progress' && event.progress.warning === true ? [event.progress.note ?? ''] : [],
  );
const answering = (eeprom: string, order = '0xf25641') => {
  test.ssh.answer = (command) => {
    if (command.startsWith('od ')) return { stdout: eeprom };
    if (command === 'vcgencmd bootloader_config') return { stdout: `BOOT_ORDER=${order}\n` };
    return undefined;
  };
};

describe('an image that a Compute Module may not boot', () => {
  it('is named with what it needs while nothing is known of the module', async () => {
    await build(await ubuntuBase('26.04'));
    expect(warnings()).toContainEqual(
      expect.stringMatching(/Ubuntu 26\.04 boots only .* 2022-11-25 or later/),
    );
  });

  it.each([
    ['ubuntu', '26.04', 'raspberry-pi', 'cm4', '2022-11-25'],
    ['ubuntu', '26.10', 'raspberry-pi', 'cm4', '2022-11-25'],
    ['ubuntu', '25.10', 'raspberry-pi', 'cm4', undefined],
    ['debian', '13', 'raspberry-pi', 'cm4', undefined],
    ['ubuntu', '26.04', 'rockchip-rk3588', 'rk1', undefined],
  ] as const)('of %s %s for %s on %s: since %s', (id, version, board, boardType, since) => {
    const distribution = { id, version, codename: '', name: id };
    expect(eepromRequirementOf({ distribution, board }, boardType)?.since).toBe(since);
  });

  it('is refused before it is made when the system of the module says that its EEPROM is older', async () => {
    await install();
    answering(OLD);
    const base = await ubuntuBase('26.04');
    await expect(build(base)).rejects.toMatchObject({
      code: 'EEPROM_TOO_OLD',
      message: expect.stringContaining('2020-09-04') as string,
    });
    await build(base, true);
    expect(warnings()).toContainEqual(expect.stringContaining('2020-09-04'));
  });

  it('is made without a word when its system says that it boots, whatever the console shows', async () => {
    await install();
    answering(NEW);
    test.board.held = () => Promise.resolve('RPi: BOOTLOADER release BUILD_TIMESTAMP=1568112110');
    await build(await ubuntuBase('26.04'));
    expect(warnings()).toEqual([]);
  });

  describe('is judged by what the console shows of the last start, where no system can be asked', () => {
    const showing = (seconds: number, order: string) => () =>
      Promise.resolve(
        `RPi: BOOTLOADER release VERSION:1a2b3c4d DATE: 2020/09/03 TIME: 11:23:32 BUILD_TIMESTAMP=${seconds}\r\nBoot mode: ${order}\r\n`,
      );

    it('one that is too old is warned of, and no more: another module may be in the slot since', async () => {
      test.board.held = showing(0x5f_51_a1_7a, 'SD (01) order f4');
      await build(await ubuntuBase('26.04'));
      expect(warnings()).toEqual([expect.stringMatching(/2020-09-04, as its console last showed/)]);
    });

    it('one that will do is not warned of, but for its boot order', async () => {
      test.board.held = showing(0x63_80_cf_f3, 'NETWORK (02) order f6');
      await build(await ubuntuBase('26.04'));
      expect(warnings()).toEqual([
        expect.stringMatching(/BOOT_ORDER=0xf62, as its console last showed, which leaves its eMMC out/),
      ]);
    });

    it('a board that tells nothing leaves it unknown', async () => {
      test.board.held = () =>
        Promise.reject(new LinuxError('OS_UNKNOWN', 'any error with a code', { hint: 'none' }));
      await build(await ubuntuBase('26.04'));
      expect(warnings()).toEqual([expect.stringContaining('is not known')]);
    });
  });

  it('is any image where the boot order leaves the eMMC out', async () => {
    await install();
    answering(NEW, '0xf6');
    await build(await ubuntuBase('24.04'));
    expect(warnings()).toEqual([expect.stringContaining('BOOT_ORDER=0xf6')]);
  });

  it('is not asked of a module whose key is another one', async () => {
    await install();
    answering(OLD);
    test.ssh.hostKeyAnswer = { answer: 'other', why: 'another key' } as never;
    await build(await ubuntuBase('26.04'));
    expect(warnings()).toContainEqual(expect.stringContaining('is not known'));
  });
});
