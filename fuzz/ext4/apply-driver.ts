import { LinkedImageFiles, type FileSystem } from '@turingpi/image';
import { contentOf, fillName, streamOf, targetOf } from '../content.js';
import { pathsTo, type Operation } from './operation.js';

/** How far an edit came. */
export interface DriverOutcome {
  /** Files or directories made or removed by an edit that does several; 1 for any other that worked. */
  readonly parts: number;
  readonly error: unknown;
}

/** Carries an edit out with our driver. */
export async function applyWithDriver(fs: FileSystem, operation: Operation): Promise<DriverOutcome> {
  let parts = 0;
  try {
    for await (const part of partsOf(fs, operation)) {
      await part();
      parts++;
    }
    return { parts, error: undefined };
  } catch (error) {
    return { parts, error };
  }
}

async function* partsOf(fs: FileSystem, operation: Operation): AsyncGenerator<() => Promise<void>> {
  switch (operation.kind) {
    case 'fill-directory':
      for (let index = 0; index < operation.count; index++) {
        const path = `${operation.path}/${fillName(index, operation.length)}`;
        if ((await fs.lstat(path)) === undefined) yield () => fs.writeFile(path, contentOf(index, index % 7));
      }
      return;
    case 'empty-directory': {
      const names = (await fs.list(operation.path)).map(({ name }) => name).sort();
      for (const [index, name] of names.entries()) {
        if (index % operation.step !== 0) continue;
        const path = `${operation.path}/${name}`;
        if ((await fs.lstat(path))?.type !== 'directory') yield () => fs.remove(path);
      }
      return;
    }
    case 'make-directories': {
      const files = new LinkedImageFiles(fs);
      for (const path of pathsTo(operation.path)) yield () => files.mkdir(path);
      return;
    }
    default:
      yield () => applyOne(fs, operation);
  }
}

function applyOne(
  fs: FileSystem,
  operation: Exclude<Operation, { kind: 'fill-directory' | 'empty-directory' | 'make-directories' }>,
): Promise<void> {
  switch (operation.kind) {
    case 'write':
      return fs.writeFile(operation.path, contentOf(operation.seed, operation.size), operation.attributes);
    case 'write-stream':
      return fs.writeFile(operation.path, {
        stream: streamOf(operation.seed, operation.size),
        size: operation.size,
      });
    case 'append':
      return fs.appendFile(operation.path, contentOf(operation.seed, operation.size));
    case 'append-stream':
      return fs.appendFile(operation.path, {
        stream: streamOf(operation.seed, operation.size),
        size: operation.size,
      });
    case 'mkdir':
      return fs.mkdir(operation.path, operation.attributes);
    case 'symlink':
      return fs.symlink(targetOf(operation.length), operation.path);
    case 'link':
      return fs.link(operation.from, operation.path);
    case 'rename':
      return fs.rename(operation.from, operation.path);
    case 'remove':
      return fs.remove(operation.path);
    case 'remove-tree':
      return new LinkedImageFiles(fs).remove(operation.path);
    case 'attributes':
      return fs.setAttributes(operation.path, operation.attributes);
  }
}
