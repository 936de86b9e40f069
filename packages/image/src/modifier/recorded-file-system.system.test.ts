import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryDisk } from '../disk/memory-disk.js';
import type { FileSystem } from '../filesystem/file-system.js';
import { LinkedImageFiles } from '../filesystem/linked-image-files.js';
import { openFileSystem } from '../filesystem/open-file-system.js';
import { RecordedFileSystem } from './recorded-file-system.js';

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const missing = ['mke2fs', 'mkfs.vfat'].filter(
  (name) => !PATH.split(':').some((directory) => existsSync(join(directory, name))),
);
if (missing.length > 0 && process.env['CI'] === 'true') throw new Error(`needs ${missing.join(', ')}`);

const MAKERS = {
  ext4: ['mke2fs', '-q', '-F', '-t', 'ext4', '-b', '1024'],
  fat: ['mkfs.vfat', '--invariant', '-F', '16', '-s', '1'],
} as const;
const now = () => new Date('2024-03-15T12:00:00Z');

type Step =
  | {
      readonly call: 'write' | 'append';
      readonly path: string;
      readonly text: string;
      readonly mode?: number;
    }
  | { readonly call: 'mkdir' | 'remove' | 'chmod'; readonly path: string }
  | { readonly call: 'link' | 'rename'; readonly path: string; readonly other: string };

const name = fc.constantFrom('a', 'b', 'Dir', 'base', 'file');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    call: fc.constantFrom('write' as const, 'append' as const),
    path,
    text: fc.string({ maxLength: 5 }),
  }),
  fc.record({
    call: fc.constant('write' as const),
    path,
    text: fc.constant('x'),
    mode: fc.constantFrom(0o600, 0o755),
  }),
  fc.record({ call: fc.constantFrom('mkdir' as const, 'remove' as const, 'chmod' as const), path }),
  fc.record({ call: fc.constantFrom('link' as const, 'rename' as const), path, other: path }),
);

/** Does a step; the result is `done` or the code of the refusal. */
async function take(files: LinkedImageFiles, { call, path: at, ...rest }: Step): Promise<string> {
  const attributes = 'mode' in rest ? { mode: rest.mode } : undefined;
  const work = {
    write: () => files.writeFile(at, 'text' in rest ? rest.text : '', attributes),
    append: () => files.appendFile(at, 'text' in rest ? rest.text : ''),
    mkdir: () => files.mkdir(at),
    remove: () => files.remove(at),
    chmod: () => files.setAttributes(at, { mode: 0o640, uid: 1000 }),
    link: () => files.symlink('other' in rest ? rest.other : '', at),
    rename: () => files.rename(at, 'other' in rest ? rest.other : ''),
  }[call];
  return work().then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  );
}

async function picture(fileSystem: FileSystem, at = ''): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const entry of await fileSystem.list(at || '/')) {
    const here = `${at}/${entry.name}`;
    if (here === '/lost+found') continue;
    const stat = await fileSystem.lstat(here);
    const { type, mode, uid, gid } = stat!;
    const content =
      type === 'file'
        ? (await fileSystem.readFile(here)).toString()
        : type === 'symlink'
          ? await fileSystem.readLink(here)
          : undefined;
    found[here] = { type, mode, uid, gid, content };
    if (type === 'directory') Object.assign(found, await picture(fileSystem, here));
  }
  return found;
}

describe.skipIf(missing.length > 0).each(Object.keys(MAKERS) as (keyof typeof MAKERS)[])(
  'RecordedFileSystem over %s',
  (kind) => {
    let work: string;
    let made: Buffer;
    beforeAll(async () => {
      work = mkdtempSync(join(tmpdir(), 'recorded-'));
      const file = join(work, 'made.img');
      writeFileSync(file, Buffer.alloc(8 * 1024 * 1024));
      const [command, ...args] = MAKERS[kind];
      execFileSync(command, [...args, file], { env: { PATH, LC_ALL: 'C' }, stdio: 'pipe' });
      const disk = new MemoryDisk(readFileSync(file));
      const fileSystem = await openFileSystem(disk, { now });
      await fileSystem.mkdir('/base');
      await fileSystem.mkdir('/base/Dir');
      await fileSystem.writeFile('/base/Dir/file', Buffer.from('from the base'), { mode: 0o604 });
      await fileSystem.writeFile('/file', Buffer.from('base'));
      await fileSystem.flush();
      made = disk.bytes;
    });
    afterAll(() => rmSync(work, { recursive: true, force: true }));

    it('answers, refuses and ends as the real filesystem does', async () => {
      const base = await openFileSystem(new MemoryDisk(Buffer.from(made)), { now });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          const real = await openFileSystem(new MemoryDisk(Buffer.from(made)), { now });
          const recorded = new RecordedFileSystem(base);
          const [realFiles, recordedFiles] = [new LinkedImageFiles(real), new LinkedImageFiles(recorded)];
          for (const [index, one] of steps.entries()) {
            const expected = await take(realFiles, one);
            expect(await take(recordedFiles, one), `${index}: ${JSON.stringify(one)}`).toBe(expected);
          }
          const end = await picture(real);
          // FAT keeps no modes and owners; what was recorded of them has no effect there.
          const strip = (all: Record<string, unknown>) =>
            kind === 'ext4'
              ? all
              : Object.fromEntries(
                  Object.entries(all).map(([at, facts]) => [
                    at,
                    { ...(facts as object), mode: 0, uid: 0, gid: 0 },
                  ]),
                );
          expect(strip(await picture(recorded))).toEqual(strip(end));
          await real.selfCheck();
        }),
        { numRuns: Number(process.env['FUZZ_RUNS'] ?? 25) },
      );
    });
  },
);
