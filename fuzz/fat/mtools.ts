import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from '../content.js';
import { ENVIRONMENT, run } from '../programs.js';
import type { FatModel, Step } from './model.js';
import type { Operation } from './operation.js';

/** What `fsck.vfat -n` says of an image; undefined when it finds nothing. */
export function fsckComplaints(image: string): string | undefined {
  const { status, stdout, stderr } = spawnSync('fsck.vfat', ['-n', '-v', image], {
    env: ENVIRONMENT,
    encoding: 'utf8',
  });
  // Some findings, such as a wrong free count, do not make its exit status another.
  const finding = /wrong|differ|reclaim|truncat|bad |contains a free|dirty|duplicate|not match|invalid/i;
  if (status === 0 && !finding.test(stdout)) return undefined;
  return `fsck.vfat -n: ${status ?? 'killed'}\n${stdout}${stderr}`;
}

/** Takes all files out of a filesystem into a directory of this computer, times with them. */
export function extract(image: string, directory: string): void {
  mkdirSync(directory, { recursive: true });
  // Without anything in it, mcopy complains that there is nothing to copy.
  if (run('mdir', '-i', image, '-b', '::/') === '') return;
  run('mcopy', '-i', image, '-s', '-m', '-n', '::/*', directory);
}

/** Carries the steps of one operation out with mtools; `model` is in the state before them. */
export function applyWithMtools(
  image: string,
  operation: Operation,
  steps: readonly Step[],
  model: FatModel,
): void {
  if (operation.kind === 'fill-directory') {
    copyTogether(image, model.canonical(operation.path), steps);
    return;
  }
  if (operation.kind === 'empty-directory') {
    if (steps.length > 0) run('mdel', '-i', image, ...steps.map(({ path }) => `::${model.canonical(path)}`));
    return;
  }
  for (const step of steps) applyStep(image, step, model);
}

function applyStep(image: string, step: Step, model: FatModel): void {
  const path = model.canonical(step.path);
  const node = model.find(step.path);
  switch (step.kind) {
    case 'write':
    case 'write-stream':
      write(image, path, contentOf(step.seed, step.size));
      return;
    case 'append':
    case 'append-stream':
      write(image, path, Buffer.concat([node?.content ?? Buffer.alloc(0), contentOf(step.seed, step.size)]));
      return;
    case 'mkdir':
      runInDirectory('mmd', '-i', image, `::${path}`);
      return;
    case 'remove':
      run(node?.content ? 'mdel' : 'mrd', '-i', image, `::${path}`);
      return;
    case 'rename': {
      const from = model.canonical(step.from);
      if (node && node !== model.find(step.from))
        run(node.content ? 'mdel' : 'mrd', '-i', image, `::${path}`);
      const to = path.slice(0, path.lastIndexOf('/') + 1) + step.path.slice(step.path.lastIndexOf('/') + 1);
      // By way of a name that is free, as it refuses to rename to another case.
      runInDirectory('mmove', '-i', image, `::${from}`, '::/in-between');
      runInDirectory('mmove', '-i', image, '::/in-between', `::${to}`);
      return;
    }
    case 'set-time':
      return; // there is no program for it
  }
}

/** Clusters of 512 bytes that the slots of the longest name can begin to fill. */
const ATTEMPTS = 3;

/**
 * Runs one of the mtools that makes entries in directories.
 *
 * @remarks Where a name needs several new clusters, they add one and say that there are no slots. The next attempt finds it.
 */
function runInDirectory(program: string, ...args: string[]): void {
  for (let attempt = 1; ; attempt++) {
    try {
      run(program, ...args);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !hasNoSlots(error)) throw error;
    }
  }
}

function hasNoSlots(error: unknown): boolean {
  return /no directory slots/i.test(String(error));
}

/** From a file, not a pipe: of a program that stops reading when the disk is full, only the broken pipe would be told. */
function write(image: string, path: string, content: Buffer): void {
  const file = `${image}-content`;
  try {
    writeFileSync(file, content);
    runInDirectory('mcopy', '-i', image, '-o', file, `::${path}`);
  } finally {
    rmSync(file, { force: true });
  }
}

/** Copies the files of many steps into one directory with one program. */
function copyTogether(image: string, directory: string, steps: readonly Step[]): void {
  if (steps.length === 0) return;
  const stage = mkdtempSync(`${image}-stage-`);
  try {
    const files = steps.flatMap((step) => {
      if (step.kind !== 'write') return [];
      const file = join(stage, step.path.slice(step.path.lastIndexOf('/') + 1));
      writeFileSync(file, contentOf(step.seed, step.size));
      return [file];
    });
    const copy = (...some: string[]): void =>
      runInDirectory('mcopy', '-i', image, '-o', ...some, `::${directory}`);
    try {
      copy(...files);
    } catch (error) {
      if (!hasNoSlots(error)) throw error;
      for (const file of files) copy(file);
    }
  } finally {
    rmSync(stage, { recursive: true });
  }
}

/** Makes the filesystem that sequences start from, as another implementation lays it out. */
export function populateWithMtools(image: string, files: ReadonlyMap<string, Buffer>, mtime: Date): void {
  const stage = mkdtempSync(`${image}-stage-`);
  try {
    run('mmd', '-i', image, '::/boot', '::/boot/overlays');
    // Every second file is removed again, so that the last one has to use the gaps.
    const fillers = Array.from({ length: 12 }, (_, index) => `filler-${index}`);
    for (const name of fillers) writeFileSync(join(stage, name), contentOf(7, 3000));
    run('mcopy', '-i', image, ...fillers.map((name) => join(stage, name)), '::/');
    run('mdel', '-i', image, ...fillers.filter((_, index) => index % 2 === 0).map((name) => `::/${name}`));
    for (const [path, content] of files) {
      const file = join(stage, 'file');
      writeFileSync(file, content);
      utimesSync(file, mtime, mtime);
      run('mcopy', '-i', image, '-m', file, `::${path}`);
    }
    run('mdel', '-i', image, ...fillers.filter((_, index) => index % 2 === 1).map((name) => `::/${name}`));
  } finally {
    rmSync(stage, { recursive: true });
  }
}
