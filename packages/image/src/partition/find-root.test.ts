import { describe, expect, it } from 'vitest';
import { LinkedImageFiles } from '../filesystem/linked-image-files.js';
import type { FileSystemKind } from '../filesystem/probe-file-system.js';
import { ImageError } from '../image-error.js';
import { RecordedFileSystem } from '../modifier/recorded-file-system.js';
import { findRoot } from './find-root.js';
import type { IdentifiedPartition } from './select-partition.js';

/** A partition by what is on it: paths of files, paths of links with their targets, or an error at opening. */
type Content = Readonly<Record<string, string>> | ImageError;

const candidate = (number: number, kind: FileSystemKind, label: string): IdentifiedPartition => ({
  partition: { number, offsetBytes: 0, sizeBytes: 0, type: '', uuid: undefined, name: undefined },
  identity: { kind, label, uuid: undefined, writtenAt: undefined },
});

function find(contents: readonly Content[], kinds: readonly FileSystemKind[] = [], preferred?: number) {
  const candidates = contents.map((_, index) =>
    candidate(index + 1, kinds[index] ?? 'ext4', `label-${index + 1}`),
  );
  const chosen = preferred === undefined ? undefined : candidates[preferred - 1];
  const open = async ({ partition }: IdentifiedPartition) => {
    const content = contents[partition.number - 1]!;
    if (content instanceof ImageError) throw content;
    const files = new LinkedImageFiles(new RecordedFileSystem(undefined));
    for (const [path, text] of Object.entries(content)) {
      if (text.startsWith('-> ')) await files.symlink(text.slice(3), path);
      else await files.writeFile(path, text);
    }
    return files;
  };
  return findRoot(candidates, open, chosen);
}

const dirty = new ImageError('IMAGE_FILESYSTEM_DIRTY', 'not unmounted');

describe('findRoot', () => {
  it('finds the filesystem with an os-release, wherever it is', async () => {
    const root = { '/etc/os-release': 'ID=debian\n' };
    const linked = { '/usr/lib/os-release': 'ID=ubuntu\n', '/etc/os-release': '-> ../usr/lib/os-release' };
    expect((await find([root])).partition.number).toBe(1);
    expect((await find([{ '/data': '' }, linked])).partition.number).toBe(2);
    expect((await find([dirty, root])).partition.number).toBe(2);
    expect((await find([root, root], ['fat', 'ext4'])).partition.number).toBe(2);
  });

  it('is not led astray by links to nowhere, loops and files in place of directories', async () => {
    const hostile = [
      { '/etc/os-release': '-> ../usr/lib/os-release' },
      { '/etc': '-> /etc', '/usr': '-> usr' },
      { '/etc': 'a file', '/usr': 'a file' },
    ];
    await expect(find(hostile)).rejects.toMatchObject({ code: 'IMAGE_NO_ROOT' });
  });

  it('does not guess', async () => {
    const root = { '/etc/os-release': 'ID=debian\n' };
    await expect(find([root, root])).rejects.toMatchObject({
      code: 'IMAGE_AMBIGUOUS_ROOT',
      hint: expect.stringContaining('label-2') as string,
    });
    await expect(find([])).rejects.toMatchObject({ code: 'IMAGE_NO_ROOT' });
    await expect(find([dirty, { '/data': '' }])).rejects.toMatchObject({ code: 'IMAGE_FILESYSTEM_DIRTY' });
  });

  it('takes the one that is preferred when it is a root, and only then', async () => {
    const root = { '/etc/os-release': 'ID=debian\n' };
    expect((await find([root, root], [], 2)).partition.number).toBe(2);
    expect((await find([{ '/data': '' }, root], [], 1)).partition.number).toBe(2);
    expect((await find([root, root], ['fat', 'ext4'], 1)).partition.number).toBe(2);
    await expect(find([root, dirty], [], 2)).rejects.toBe(dirty);
  });

  it.each(['IMAGE_CORRUPT', 'IMAGE_UNREADABLE', 'IMAGE_FILESYSTEM_CORRUPT', 'IMAGE_SOURCE_CHANGED'] as const)(
    'does not take %s while it looks for a missing file',
    async (code) => {
      const failure = new ImageError(code, 'no more to be read');
      const files = { exists: () => Promise.reject(failure) } as unknown as LinkedImageFiles;
      const finding = findRoot([candidate(1, 'ext4', 'root')], () => Promise.resolve(files));
      await expect(finding).rejects.toBe(failure);
    },
  );

  it.each(['btrfs', 'xfs', 'f2fs', 'luks', 'lvm', 'md'] as const)('names a root on %s', async (kind) => {
    await expect(find([{}, { '/boot': '' }, {}], ['fat', 'ext4', kind])).rejects.toMatchObject({
      code: 'IMAGE_FILESYSTEM_UNSUPPORTED',
      message: expect.stringContaining('partition 3') as string,
      details: { kinds: [kind] },
    });
  });
});
