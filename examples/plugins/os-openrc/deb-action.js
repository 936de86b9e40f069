import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const TEN_MINUTES_MS = 600_000;

/** Installs package files of this computer with dpkg alone: no package lists, no network, no apt. */
export class DebAction {
  id = 'deb';
  title = 'installs package files with dpkg';
  place = 'node';
  schema = z.array(z.string().regex(/\.deb$/, 'expected the path of a .deb file')).min(1);

  note(files) {
    return files.join(' ');
  }

  localFiles(files) {
    return files.map((file, index) => ({ path: [index], file }));
  }

  /** A package is known by its content, wherever it lies. */
  async inputs(files, { baseDir }) {
    const contents = await Promise.all(files.map((file) => readFile(path.resolve(baseDir, file))));
    return { packages: contents.map((content) => createHash('sha256').update(content).digest('hex')) };
  }

  async perform(files, { session, signal, baseDir }) {
    const node = await session();
    const { stdout } = await node.exec(['mktemp', '-d'], { signal });
    const folder = stdout.trim();
    try {
      const uploaded = files.map((_file, index) => `${folder}/${index}.deb`);
      for (const [index, file] of files.entries())
        await node.upload(path.resolve(baseDir, file), uploaded[index], { signal });
      await node.exec(['dpkg', '--install', ...uploaded], { signal, sudo: true, timeoutMs: TEN_MINUTES_MS });
      return { packages: files.length };
    } finally {
      await node.exec(['rm', '-rf', folder], { allowFailure: true });
    }
  }
}
