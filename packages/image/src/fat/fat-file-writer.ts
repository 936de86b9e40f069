import type { FileAttributes, FileContent } from '../filesystem/file-system.js';
import type { ClusterRun } from './cluster-run.js';
import { contentSize } from './fat-content.js';
import type { FatDirectory } from './fat-directory.js';
import { ARCHIVE_ATTRIBUTE, type FatEntry, setContent, setModified } from './fat-entry.js';
import type { FatFileStore } from './fat-file-store.js';
import type { FatNamespace } from './fat-namespace.js';
import { pathError } from './fat-volume.js';

const MAX_FILE_BYTES = 0xffff_ffff;

/** Writes files: content into clusters, and what names it into its directory. */
export class FatFileWriter {
  constructor(
    private readonly namespace: FatNamespace,
    private readonly store: FatFileStore,
    private readonly now: () => Date,
  ) {}

  async write(path: string, content: FileContent, attributes: FileAttributes): Promise<void> {
    const size = checkedSize(path, contentSize(content));
    const modified = attributes.mtime ?? this.now();
    const { parent, name, entry } = await this.namespace.target(path);
    if (entry?.isDirectory === true) throw pathError('IMAGE_IS_A_DIRECTORY', path, 'is a directory');
    if (entry === undefined) {
      const runs = await this.store.store(path, content, size);
      await this.store.orRelease(runs, () =>
        parent.add(name, {
          attributes: ARCHIVE_ATTRIBUTE,
          firstCluster: runs[0]?.first ?? 0,
          size,
          modified,
        }),
      );
    } else {
      const runs = await this.store.replace(path, entry, content, size);
      describe(parent, entry, runs, size, modified);
    }
    await this.namespace.save(path, parent);
  }

  async append(path: string, content: FileContent): Promise<void> {
    const { parent, entry } = await this.namespace.target(path);
    if (entry === undefined) throw pathError('IMAGE_PATH_NOT_FOUND', path, 'does not exist');
    if (entry.isDirectory) throw pathError('IMAGE_IS_A_DIRECTORY', path, 'is a directory');
    const size = checkedSize(path, entry.size + contentSize(content));
    const all = await this.store.append(path, entry, content, size);
    describe(parent, entry, all, size, this.now());
    await this.namespace.save(path, parent);
  }
}

function checkedSize(path: string, size: number): number {
  if (size > MAX_FILE_BYTES)
    throw pathError('IMAGE_TOO_LARGE', path, `would have ${size} bytes; FAT holds 4 GiB - 1`);
  return size;
}

/** Says in its directory what a file has become. */
function describe(
  parent: FatDirectory,
  entry: FatEntry,
  runs: readonly ClusterRun[],
  size: number,
  modified: Date,
): void {
  const slot = parent.slot(entry.firstSlot + entry.slotCount - 1);
  setContent(slot, runs[0]?.first ?? 0, size);
  setModified(slot, modified);
  slot[11] = (slot[11] ?? 0) | ARCHIVE_ATTRIBUTE;
}
