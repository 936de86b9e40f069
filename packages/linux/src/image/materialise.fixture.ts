import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MemoryImageFiles } from '../detection/memory-image-files.fixture.js';

/** Writes a tree to a directory of this machine, so that real programs can be pointed at it with `--root`. */
export function materialise(files: MemoryImageFiles, directory: string): void {
  for (const [path, { type, mode, text }] of files.dump()) {
    const target = join(directory, path);
    mkdirSync(type === 'directory' ? target : dirname(target), { recursive: true });
    if (type === 'symlink') symlinkSync(text, target);
    if (type === 'file') {
      writeFileSync(target, text);
      chmodSync(target, mode);
    }
  }
}
