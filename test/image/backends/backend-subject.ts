import { execFile } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ImageBackend } from '@turingpi/image';
import { baseImagePath } from '@turingpi/virtual-node';
import type { ImageBackendSubject } from '@turingpi/conformance';

const MIB = 1024 * 1024;
const run = promisify(execFile);
const ENVIRONMENT = { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' };

/** Where the partitions of the fixture `rk1-ubuntu.img.xz` begin and how long the first one is, in bytes. */
export const RK1 = { image: baseImagePath('rk1-ubuntu.img.xz'), fatAt: 16 * MIB, rootAt: 20 * MIB };

/** A backend on the RK1 fixture, checked with the host's own programs. */
export function rk1Subject(backend: ImageBackend): ImageBackendSubject {
  return {
    backend,
    image: RK1.image,
    fatPartition: 'CIDATA',
    checkRawImage: async (path) => {
      await run('e2fsck', ['-fn', `${path}?offset=${RK1.rootAt}`], { env: ENVIRONMENT });
      await using file = await open(path);
      const fat = Buffer.alloc(RK1.rootAt - RK1.fatAt);
      await file.read(fat, 0, fat.length, RK1.fatAt);
      await writeFile(`${path}.fat`, fat);
      await run('fsck.vfat', ['-n', `${path}.fat`], { env: ENVIRONMENT });
    },
  };
}
