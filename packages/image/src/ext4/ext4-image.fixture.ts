import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryDisk } from '../disk/memory-disk.js';

const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const UUID = '6b8b4567-327b-43c6-a438-66334873b0dc';

/** The programs of e2fsprogs that the tests need and that are not installed. */
export const missingPrograms = ['mke2fs', 'e2fsck', 'debugfs'].filter(
  (name) => spawnSync(name, ['-V'], { env: ENVIRONMENT, stdio: 'ignore' }).error !== undefined,
);

function withFile<T>(use: (path: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'ext4-test-'));
  try {
    return use(join(directory, 'image'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Makes a filesystem with `mke2fs`, then runs `debugfs` commands on it. */
export function makeExt4Disk(
  sizeMiB: number,
  options: readonly string[],
  commands: readonly string[] = [],
): MemoryDisk {
  return withFile((path) => {
    writeFileSync(path, Buffer.alloc(0));
    execFileSync('truncate', ['-s', `${sizeMiB}M`, path]);
    const all = ['-q', '-F', '-t', 'ext4', '-U', UUID, '-E', `hash_seed=${UUID}`, ...options, path];
    execFileSync('mke2fs', all, { env: ENVIRONMENT, stdio: 'pipe' });
    if (commands.length > 0) {
      writeFileSync(`${path}.script`, `${commands.join('\n')}\n`);
      execFileSync('debugfs', ['-w', '-f', `${path}.script`, path], { env: ENVIRONMENT, stdio: 'pipe' });
    }
    return new MemoryDisk(readFileSync(path));
  });
}

/** Everything `e2fsck -fn` finds wrong on a disk; empty for nothing. */
export function fsck(disk: MemoryDisk): string {
  return withFile((path) => {
    writeFileSync(path, disk.bytes);
    const { status, stdout } = spawnSync('e2fsck', ['-fn', path], { env: ENVIRONMENT, encoding: 'utf8' });
    return status === 0 ? '' : `${status ?? 'killed'}: ${stdout}`;
  });
}

/** What one `debugfs` command prints about a disk. */
export function debugfs(disk: MemoryDisk, command: string): string {
  return withFile((path) => {
    writeFileSync(path, disk.bytes);
    return execFileSync('debugfs', ['-R', command, path], {
      env: ENVIRONMENT,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  });
}
