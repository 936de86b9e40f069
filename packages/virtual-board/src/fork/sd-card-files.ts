import { readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { ApiType } from '../api/api-context.js';
import { envelope } from '../http/reply.js';
import { RequestError } from '../http/request-error.js';

/** By the name alone; a `.img.gz` would be written as it is (docs/reference/bmc-protocol.md, "Fork: microSD files"). */
const FLASHABLE = /\.(img|raw|bin|img\.xz|raw\.xz|img\.gz)$/;
const SMALLEST_IMAGE = 16 * 1024 * 1024;

/** `type=sdcard_files`: what lies on the microSD card. */
export const sdCardFiles: ApiType = {
  on: ({ fork }) => fork?.sdCardFiles === true,
  get: async ({ identity, sdCardDir }, query) => {
    if (!identity.sdCard) throw new RequestError(400, 'the microSD card is not mounted');
    const path = posix.normalize(query.get('path') ?? '.');
    if (path.startsWith('..') || path.startsWith('/'))
      throw new RequestError(400, 'path is outside the microSD card');
    const names = await readdir(join(sdCardDir, path)).catch((cause: unknown) => {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      throw new RequestError(400, missing ? 'no such directory on the microSD card' : 'not a directory');
    });
    return envelope(await Promise.all(names.sort().map((name) => describeFile(sdCardDir, path, name))));
  },
};

async function describeFile(root: string, directory: string, name: string) {
  const path = posix.join(directory, name);
  const facts = await stat(join(root, path));
  const reason = facts.isDirectory()
    ? undefined
    : !FLASHABLE.test(name)
      ? 'not an image by its name'
      : facts.size < SMALLEST_IMAGE
        ? 'too small for an image'
        : undefined;
  return {
    directory: facts.isDirectory(),
    flashable: !facts.isDirectory() && reason === undefined,
    modified: Math.floor(facts.mtimeMs / 1000),
    name,
    path,
    ...(reason === undefined ? {} : { reason }),
    size: facts.size,
  };
}
