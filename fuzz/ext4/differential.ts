import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openExt4, type FileSystemUsage, type WritableDisk } from '@turingpi/image';
import { TuringPiError } from '@turingpi/foundation';
import { BaseImage, readImage } from '../base-image.js';
import { applyNatively } from './apply-native.js';
import { applyWithDriver } from './apply-driver.js';
import { attributesBelow, fsckComplaints, makeFileSystem, populate, withMount } from './native-tools.js';
import type { Operation } from './operation.js';
import { compareSnapshots, snapshotNatively, snapshotWithDriver, type Snapshot } from './snapshot.js';
import type { Ext4Variant } from './variants.js';

const CLOCK = new Date('2024-05-06T07:08:09.123Z');

/** Makes a populated image of a variant, once for many sequences. */
export function makeBase(variant: Ext4Variant, directory: string): BaseImage {
  const base = join(directory, `${variant.name}.base.img`);
  makeFileSystem(base, variant);
  withMount(base, join(directory, 'mnt'), 'rw', () => populate(join(directory, 'mnt')));
  return new BaseImage(base);
}

/**
 * Applies a sequence with our driver to one copy of a base and with the kernel to another, and compares all there is
 * to compare; throws an error that says what differs.
 */
export async function runDifferentially(
  base: BaseImage,
  directory: string,
  operations: readonly Operation[],
): Promise<void> {
  // New names each time: a loop device that is still being let go of would show what its file was before.
  const name = randomUUID();
  const ours = join(directory, `${name}.ours.img`);
  const native = join(directory, `${name}.native.img`);
  const mount = join(directory, 'mnt');
  base.copyTo(native);
  try {
    const outcome = await base.edit(ours, (disk) => editWithDriver(disk, operations));
    const expected = withMount(native, mount, 'rw,noatime', () =>
      outcome.steps.every((step) => sameByKernel(mount, step)) ? treeOf(mount) : undefined,
    );
    const complaints = fsckComplaints(ours);
    if (complaints !== undefined) throw new Error(complaints);
    // Before the kernel changes anything, it reads what we did.
    withMount(ours, mount, 'rw,noatime', () => {
      if (expected) compareTrees(treeOf(mount), expected);
      continueWithKernel(mount);
    });
    const later = fsckComplaints(ours);
    if (later !== undefined) throw new Error(`after the kernel went on: ${later}`);
    if (!expected) return;
    assertSame('our driver reads its edits as', outcome.files, expected.files);
    assertSame("our driver reads the kernel's edits as", await readWithDriver(native), expected.files);
  } finally {
    rmSync(native, { force: true });
    rmSync(ours, { force: true });
  }
}

/** An operation, how many of its parts our driver did, and the code of the error if it did not do all. */
interface Step {
  readonly operation: Operation;
  readonly parts: number;
  readonly code: string | undefined;
}

interface Tree {
  readonly files: Snapshot;
  readonly attributes: string;
}

/**
 * Does the same with the kernel; throws when only one of the two can do it.
 *
 * @returns Whether both go on in the same state. They do not when the kernel finds no room for what we had room for: then
 * it has done half of it.
 */
function sameByKernel(mount: string, { operation, parts, code }: Step): boolean {
  const noRoom = code === 'IMAGE_NO_SPACE';
  if (noRoom && parts === 0) return true;
  const kernel = failureOf(() => applyNatively(mount, operation, noRoom ? parts : Infinity));
  if (kernel === 'ENOSPC' && (code === undefined || noRoom)) return false;
  if ((code === undefined || noRoom) === (kernel === undefined)) return true;
  throw new Error(
    `${JSON.stringify(operation)}: ours ${code ?? 'worked'}, the kernel's ${kernel ?? 'worked'}`,
  );
}

function treeOf(mount: string): Tree {
  return { files: snapshotNatively(mount), attributes: attributesBelow(mount) };
}

function compareTrees(ours: Tree, expected: Tree): void {
  assertSame('the kernel reads our edits as', ours.files, expected.files);
  if (ours.attributes === expected.attributes) return;
  const lines = new Set(expected.attributes.split('\n\n'));
  const differing = ours.attributes.split('\n\n').filter((block) => !lines.has(block));
  throw new Error(`extended attributes differ:\n${differing.slice(0, 5).join('\n')}`);
}

async function editWithDriver(
  disk: WritableDisk,
  operations: readonly Operation[],
): Promise<{ steps: Step[]; files: Snapshot }> {
  const fs = await openExt4(disk, { now: () => CLOCK });
  const steps: Step[] = [];
  for (const operation of operations) {
    const before = await fs.usage();
    const { parts, error } = await applyWithDriver(fs, operation);
    if (error === undefined) {
      steps.push({ operation, parts, code: undefined });
      continue;
    }
    if (!TuringPiError.is(error) || error.code === 'IMAGE_FILESYSTEM_CORRUPT')
      throw new Error(JSON.stringify(operation), { cause: error });
    const after = await fs.usage();
    if (parts === 0 && (after.freeBytes !== before.freeBytes || after.freeInodes !== before.freeInodes))
      throw new Error(`${JSON.stringify(operation)} failed with ${error.code} and took room`);
    if (error.code === 'IMAGE_NO_SPACE' && !isPlausiblyFull(operation, after))
      throw new Error(`${JSON.stringify(operation)} found no space in ${after.freeBytes} free bytes`);
    steps.push({ operation, parts, code: error.code });
  }
  await fs.flush();
  await fs.selfCheck();
  return { steps, files: await snapshotWithDriver(fs) };
}

/** Whether there may really have been no room: for the content, its mapping, and a directory that has to grow. */
function isPlausiblyFull(operation: Operation, { freeBytes, blockSizeBytes }: FileSystemUsage): boolean {
  const content = Math.ceil(('size' in operation ? operation.size : 0) / blockSizeBytes);
  const mapping = Math.ceil(content / 64) + 8;
  return content + mapping > freeBytes / blockSizeBytes;
}

async function readWithDriver(image: string): Promise<Snapshot> {
  return readImage(image, async (disk) => snapshotWithDriver(await openExt4(disk, { readOnly: true })));
}

/** The kernel goes on where our driver stopped: what it makes and removes must leave the filesystem whole. */
function continueWithKernel(mount: string): void {
  for (const path of ['', '/big', '/etc', '/usr', '/new', '/tiny'])
    for (let index = 0; index < 60; index++) {
      const name = `${path}/afterwards-${index}-${'y'.repeat(index)}`;
      failureOf(() =>
        applyNatively(mount, { kind: 'write', path: name, size: index * 100, seed: index, attributes: {} }),
      );
      if (index % 3 === 0) failureOf(() => applyNatively(mount, { kind: 'remove', path: name }));
    }
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
