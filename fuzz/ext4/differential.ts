import { randomUUID } from 'node:crypto';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openExt4, openRawDisk } from '@turingpi/image';
import { TuringPiError } from '@turingpi/core/plugin';
import { applyNatively } from './apply-native.js';
import { applyWithDriver } from './apply-driver.js';
import { attributesBelow, fsckComplaints, makeFileSystem, populate, withMount } from './native-tools.js';
import { type Operation } from './operation.js';
import { compareSnapshots, snapshotNatively, snapshotWithDriver, type Snapshot } from './snapshot.js';
import { type Ext4Variant } from './variants.js';

const CLOCK = new Date('2024-05-06T07:08:09.123Z');

/** Makes a populated image of a variant, once for many sequences. */
export function makeBase(variant: Ext4Variant, directory: string): string {
  const base = join(directory, `${variant.name}.base.img`);
  makeFileSystem(base, variant);
  withMount(base, join(directory, 'mnt'), 'rw', () => populate(join(directory, 'mnt')));
  return base;
}

/**
 * Applies a sequence with our driver to one copy of a base and with the kernel to another, and compares all there is
 * to compare; throws an error that says what differs.
 */
export async function runDifferentially(
  base: string,
  directory: string,
  operations: readonly Operation[],
): Promise<void> {
  // New names each time: a loop device that is still being let go of would show what its file was before.
  const name = randomUUID();
  const ours = join(directory, `${name}.ours.img`);
  const native = join(directory, `${name}.native.img`);
  const mount = join(directory, 'mnt');
  copyFileSync(base, ours);
  copyFileSync(base, native);
  try {
    const outcome = await editWithDriver(ours, operations);
    const failures = withMount(native, mount, 'rw', () =>
      operations.map((operation) => failureOf(() => applyNatively(mount, operation))),
    );
    operations.forEach((operation, index) => {
      const [our, kernel] = [outcome.failures[index], failures[index]];
      if ((our === undefined) !== (kernel === undefined))
        throw new Error(
          `${JSON.stringify(operation)}: ours ${our ?? 'worked'}, the kernel's ${kernel ?? 'worked'}`,
        );
    });
    const complaints = fsckComplaints(ours);
    if (complaints !== undefined) throw new Error(complaints);
    const byKernel = withMount(ours, mount, 'ro,noload', () => ({
      files: snapshotNatively(mount),
      attributes: attributesBelow(mount),
    }));
    const expected = withMount(native, mount, 'ro,noload', () => ({
      files: snapshotNatively(mount),
      attributes: attributesBelow(mount),
    }));
    assertSame('the kernel reads our edits as', byKernel.files, expected.files);
    assertSame('our driver reads its edits as', outcome.files, expected.files);
    assertSame("our driver reads the kernel's edits as", await readWithDriver(native), expected.files);
    if (byKernel.attributes !== expected.attributes) {
      writeFileSync(join(directory, 'attributes.ours'), byKernel.attributes);
      writeFileSync(join(directory, 'attributes.native'), expected.attributes);
      throw new Error('extended attributes differ');
    }
    continueWithKernel(ours, mount);
  } finally {
    rmSync(native, { force: true });
    rmSync(ours, { force: true });
  }
}

async function editWithDriver(
  image: string,
  operations: readonly Operation[],
): Promise<{ failures: (string | undefined)[]; files: Snapshot }> {
  await using disk = await openRawDisk(image, { writable: true });
  const fs = await openExt4(disk, { now: () => CLOCK });
  const failures: (string | undefined)[] = [];
  for (const operation of operations) {
    try {
      await applyWithDriver(fs, operation);
      failures.push(undefined);
    } catch (error) {
      if (!TuringPiError.is(error) || error.code === 'IMAGE_FILESYSTEM_CORRUPT') throw error;
      failures.push(error.code);
    }
  }
  await fs.flush();
  await fs.selfCheck();
  return { failures, files: await snapshotWithDriver(fs) };
}

async function readWithDriver(image: string): Promise<Snapshot> {
  await using disk = await openRawDisk(image, { writable: true });
  return await snapshotWithDriver(await openExt4(disk, { readOnly: true }));
}

/** The kernel goes on where our driver stopped: what it makes and removes must leave the filesystem whole. */
function continueWithKernel(image: string, mount: string): void {
  withMount(image, mount, 'rw', () => {
    for (const path of ['', '/big', '/etc', '/usr', '/new', '/tiny'])
      for (let index = 0; index < 60; index++) {
        const name = `${path}/afterwards-${index}-${'y'.repeat(index)}`;
        failureOf(() =>
          applyNatively(mount, { kind: 'write', path: name, size: index * 100, seed: index, attributes: {} }),
        );
        if (index % 3 === 0) failureOf(() => applyNatively(mount, { kind: 'remove', path: name }));
      }
  });
  const complaints = fsckComplaints(image);
  if (complaints !== undefined) throw new Error(`after the kernel went on: ${complaints}`);
}

function failureOf(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

function assertSame(what: string, actual: Snapshot, expected: Snapshot): void {
  const differences = compareSnapshots(actual, expected);
  if (differences.length > 0) throw new Error(`${what}:\n${differences.slice(0, 10).join('\n')}`);
}
