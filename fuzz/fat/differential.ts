import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openFat, openRawDisk, type FileSystem, type WritableDisk } from '@turingpi/image';
import { TuringPiError } from '@turingpi/foundation';
import { contentOf, streamOf } from '../content.js';
import { BaseImage, readImage } from '../base-image.js';
import { run } from '../programs.js';
import { FatModel, namesOf, type Step } from './model.js';
import { applyWithMtools, extract, fsckComplaints, populateWithMtools } from './mtools.js';
import type { Operation } from './operation.js';
import {
  assertSame,
  snapshotOfDirectory,
  snapshotOfModel,
  snapshotWithDriver,
  withFoldedNames,
  type Snapshot,
} from './snapshot.js';
import type { FatVariant } from './variants.js';

const CLOCK = new Date('2024-05-06T07:08:10Z');
const POPULATED_AT = new Date('2019-02-03T04:05:06Z');
/** Directory slots of the longest name, with a short one. */
const SLOTS_BYTES = 21 * 32;

/** A populated image of a variant, for many sequences. */
export interface FatBase {
  readonly variant: FatVariant;
  readonly image: BaseImage;
}

/** The files that every filesystem begins with. */
function initialFiles(): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>([
    ['/user-data', contentOf(1, 900)],
    ['/meta-data', contentOf(2, 30)],
    ['/config.txt', contentOf(3, 2100)],
    ['/fragmented', contentOf(4, 25_000)],
    ['/boot/FILE-7.BIN', contentOf(5, 5000)],
  ]);
  for (let index = 0; index < 30; index++)
    files.set(`/boot/overlays/overlay-number-${index}.dtbo`, contentOf(index, index * 40));
  return files;
}

function initialModel(): FatModel {
  const model = new FatModel(CLOCK);
  for (const path of ['/boot', '/boot/overlays']) model.add(path, undefined, POPULATED_AT);
  for (const [path, content] of initialFiles()) model.add(path, content, POPULATED_AT);
  return model;
}

/** Makes a populated image of a variant, by mtools where they can. */
export async function makeBase(variant: FatVariant, directory: string): Promise<FatBase> {
  const image = join(directory, `${variant.name}.base.img`);
  const descriptor = openSync(image, 'w');
  ftruncateSync(descriptor, variant.sizeKiB * 1024);
  closeSync(descriptor);
  run('mkfs.vfat', '--invariant', ...variant.options, image);
  if (variant.mtools) populateWithMtools(image, initialFiles(), POPULATED_AT);
  else {
    await using disk = await openRawDisk(image, { writable: true });
    const fs = await openFat(disk, { now: () => POPULATED_AT });
    for (const path of ['/boot', '/boot/overlays']) await fs.mkdir(path);
    for (const [path, content] of initialFiles()) await fs.writeFile(path, content);
    await fs.flush();
  }
  const complaints = fsckComplaints(image);
  if (complaints !== undefined) throw new Error(`before any edit: ${complaints}`);
  return { variant, image: new BaseImage(image) };
}

/**
 * Applies a sequence with our driver, to a model, and with mtools where they can, and compares all there is to compare;
 * throws an error that says what differs.
 */
export async function runDifferentially(
  { variant, image }: FatBase,
  directory: string,
  operations: readonly Operation[],
): Promise<void> {
  const work = join(directory, randomUUID());
  const [ours, native] = [`${work}.ours.img`, `${work}.native.img`];
  try {
    if (variant.mtools) image.copyTo(native);
    const model = initialModel();
    const done = await image.edit(ours, (disk) => editWithDriver(disk, operations, model));
    const complaints = fsckComplaints(ours);
    if (complaints !== undefined) throw new Error(complaints);
    assertSame(
      'our driver reads its edits as',
      await readWithDriver(ours, true),
      snapshotOfModel(model, true),
    );
    if (!variant.mtools) return;

    if (replayWithMtools(native, done)) {
      // mtools forget which letters of a short name are small: where they move it, and where it is not ASCII.
      const byUs = withFoldedNames(await readWithDriver(native, true));
      const byThem = withFoldedNames(filesByMtools(native, `${work}.native`));
      assertSame("our driver reads mtools' edits as", byUs, byThem);
      const expected = withFoldedNames(snapshotOfModel(model, false));
      assertSame('mtools made of the edits', withFoldedNames(await readWithDriver(native, false)), expected);
    }
    const byMtools = filesByMtools(ours, `${work}.ours`);
    assertSame('mtools read our edits as', byMtools, snapshotOfModel(model, true));
    continueWithMtools(ours);
  } finally {
    for (const path of [ours, native]) rmSync(path, { recursive: true, force: true });
  }
}

/** An operation with those of its steps that worked. */
interface Done {
  readonly operation: Operation;
  readonly steps: readonly Step[];
}

function filesByMtools(image: string, directory: string): Snapshot {
  try {
    extract(image, directory);
    return snapshotOfDirectory(directory, true);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Does the same with mtools; tells whether there was room for it, as they use directories and clusters otherwise. */
function replayWithMtools(image: string, done: readonly Done[]): boolean {
  const model = initialModel();
  try {
    for (const { operation, steps } of done) {
      applyWithMtools(image, operation, steps, model);
      for (const step of steps) carryOut(model, step);
    }
    return true;
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
}

async function editWithDriver(
  disk: WritableDisk,
  operations: readonly Operation[],
  model: FatModel,
): Promise<Done[]> {
  const fs = await openFat(disk, { now: () => CLOCK });
  const done: Done[] = [];
  for (const operation of operations) {
    const steps: Step[] = [];
    for (const step of model.stepsOf(operation)) {
      const planned = model.plan(step);
      const before = await fs.usage();
      const code = await failureOf(() => applyStep(fs, step));
      if (code === undefined) steps.push(step);
      const tolerated = code === 'IMAGE_NO_SPACE' && isPlausiblyFull(step, before, model, fs);
      if ((code === undefined) !== (typeof planned !== 'string') && !tolerated)
        throw new Error(
          `${JSON.stringify(step)}: ours ${code ?? 'worked'}, the model's ${typeof planned === 'string' ? planned : 'worked'}`,
        );
      if (code !== undefined && (await fs.usage()).freeBytes !== before.freeBytes)
        throw new Error(`${JSON.stringify(step)} failed with ${code} and took room`);
      if (code === undefined && typeof planned !== 'string') planned();
    }
    done.push({ operation, steps });
  }
  await fs.flush();
  await fs.selfCheck();
  return done;
}

/** Whether there may really have been no room for a step: in the clusters, or in a root directory of fixed size. */
function isPlausiblyFull(
  step: Step,
  { freeBytes, blockSizeBytes }: { freeBytes: number; blockSizeBytes: number },
  model: FatModel,
  fs: FileSystem,
): boolean {
  if (fs.facts['variant'] !== 'FAT32' && namesOf(step.path).length === 1 && model.root.children.size > 1)
    return true;
  const length = 'size' in step ? step.size : 0;
  const directory = Math.ceil(SLOTS_BYTES / blockSizeBytes) + 1;
  return Math.ceil(length / blockSizeBytes) + directory > freeBytes / blockSizeBytes;
}

async function applyStep(fs: FileSystem, step: Step): Promise<void> {
  switch (step.kind) {
    case 'write':
      return fs.writeFile(
        step.path,
        contentOf(step.seed, step.size),
        step.mtime ? { mtime: step.mtime } : {},
      );
    case 'write-stream':
      return fs.writeFile(step.path, { stream: streamOf(step.seed, step.size), size: step.size });
    case 'append':
      return fs.appendFile(step.path, contentOf(step.seed, step.size));
    case 'append-stream':
      return fs.appendFile(step.path, { stream: streamOf(step.seed, step.size), size: step.size });
    case 'mkdir':
      return fs.mkdir(step.path);
    case 'remove':
      return fs.remove(step.path);
    case 'rename':
      return fs.rename(step.from, step.path);
    case 'set-time':
      return fs.setAttributes(step.path, { mtime: step.mtime });
  }
}

async function readWithDriver(image: string, times: boolean): Promise<Snapshot> {
  return readImage(image, async (disk) => snapshotWithDriver(await openFat(disk), times));
}

/** mtools go on where our driver stopped: what they make and remove must leave the filesystem whole. */
function continueWithMtools(image: string): void {
  try {
    run('mmd', '-i', image, '::/afterwards');
    run('mcopy', '-i', image, '-s', import.meta.dirname, '::/afterwards');
    run('mcopy', '-i', image, '-s', import.meta.dirname, '::/afterwards/again');
    run('mdeltree', '-i', image, '::/afterwards/again');
  } catch (error) {
    if (!isFull(error)) throw error;
  }
  const complaints = fsckComplaints(image);
  if (complaints !== undefined) throw new Error(`after mtools went on: ${complaints}`);
}

function isFull(error: unknown): boolean {
  return /disk full|no directory slots/i.test(String(error));
}

function carryOut(model: FatModel, step: Step): void {
  const planned = model.plan(step);
  if (typeof planned !== 'string') planned();
}

async function failureOf(action: () => Promise<void>): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (!TuringPiError.is(error) || error.code === 'IMAGE_FILESYSTEM_CORRUPT') throw error;
    return error.code;
  }
}
