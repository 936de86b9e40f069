import { Readable } from 'node:stream';
import type { WritableDisk } from '../disk/disk.js';
import { openExt4 } from '../ext4/open-ext4.js';
import { splitPath } from '../ext4/namespace.js';
import type {
  DirectoryEntry,
  FileAttributes,
  FileContent,
  FileStat,
  FileSystem,
  FileSystemUsage,
} from '../filesystem/file-system.js';
import type { FileSystemIdentity } from '../filesystem/identify-file-system.js';
import type { MountedFiles, PartitionMount } from './partition-mount.js';

/** What a mounted filesystem is made of. */
export interface MountedPartition {
  readonly mount: PartitionMount;
  readonly identity: FileSystemIdentity;
  /** The partition's bytes in the working copy; to be read only while it is not mounted. */
  readonly disk: WritableDisk;
  readonly signal: AbortSignal;
}

/**
 * An ext4 filesystem that a kernel has mounted. Operations run one after the other; flushing unmounts it, and the next
 * operation mounts it again.
 */
export class MountedFileSystem implements FileSystem {
  readonly kind = 'ext4';
  readonly label: string;
  readonly uuid: string | undefined;
  readonly facts = { mounted: true };
  #last: Promise<unknown> = Promise.resolve();
  /** Our own view of the files as they are on the disk; good until something is changed. */
  #view: FileSystem | undefined;

  constructor(private readonly partition: MountedPartition) {
    this.label = partition.identity.label;
    this.uuid = partition.identity.uuid;
  }

  usage(): Promise<FileSystemUsage> {
    return this.#files((files) => files.usage());
  }

  lstat(path: string): Promise<FileStat | undefined> {
    return this.#files((files) => files.lstat(path), path);
  }

  list(path: string): Promise<DirectoryEntry[]> {
    return this.#files((files) => files.list(path), path);
  }

  readFile(path: string, options?: { readonly maxBytes?: number }): Promise<Buffer> {
    return this.#files((files) => files.readFile(path, options), path);
  }

  readStream(path: string): Readable {
    const read = async function* (this: MountedFileSystem): AsyncGenerator<Buffer> {
      const stream = await this.#files((files) => Promise.resolve(files.readStream(path)), path);
      yield* stream as AsyncIterable<Buffer>;
    };
    return Readable.from(read.call(this), { objectMode: false });
  }

  readLink(path: string): Promise<string> {
    return this.#files((files) => files.readLink(path), path);
  }

  writeFile(path: string, content: FileContent, attributes?: FileAttributes): Promise<void> {
    return this.#change((files) => files.writeFile(path, content, attributes), path);
  }

  appendFile(path: string, content: FileContent): Promise<void> {
    return this.#change((files) => files.appendFile(path, content), path);
  }

  mkdir(path: string, attributes?: FileAttributes): Promise<void> {
    return this.#change((files) => files.mkdir(path, attributes), path);
  }

  symlink(target: string, path: string, attributes?: FileAttributes): Promise<void> {
    return this.#change((files) => files.symlink(target, path, attributes), path);
  }

  link(existing: string, path: string): Promise<void> {
    return this.#change((files) => files.link(existing, path), existing, path);
  }

  setAttributes(path: string, attributes: FileAttributes): Promise<void> {
    return this.#change((files) => files.setAttributes(path, attributes), path);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change((files) => files.rename(from, to), from, to);
  }

  remove(path: string): Promise<void> {
    return this.#change((files) => files.remove(path), path);
  }

  /** Read by our own driver, opened while nothing is mounted: neither Node nor a small container can read them. */
  readExtendedAttributes(path: string): Promise<ReadonlyMap<string, Buffer>> {
    return this.#run(async () => {
      if (this.#view === undefined) {
        await this.partition.mount.unmount();
        this.#view = await openExt4(this.partition.disk, { readOnly: true });
      }
      return this.#view.readExtendedAttributes(path);
    });
  }

  flush(): Promise<void> {
    return this.#run(() => this.partition.mount.unmount());
  }

  selfCheck(): Promise<void> {
    return this.#run(async () => {
      await this.partition.mount.unmount();
      await this.partition.mount.check(this.partition.signal);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#closeView();
    await this.partition.mount[Symbol.asyncDispose]();
  }

  #files<T>(operation: (files: MountedFiles) => Promise<T>, ...paths: readonly string[]): Promise<T> {
    return this.#run(async () => {
      for (const path of paths) splitPath(path); // real paths only: nothing else gets to a mount point
      return operation(await this.partition.mount.files());
    });
  }

  #change(operation: (files: MountedFiles) => Promise<void>, ...paths: readonly string[]): Promise<void> {
    return this.#files(
      async (files) => {
        await this.#closeView();
        await operation(files);
      },
      ...paths,
    );
  }

  async #closeView(): Promise<void> {
    const view = this.#view;
    this.#view = undefined;
    await view?.[Symbol.asyncDispose]();
  }

  #run<T>(operation: () => Promise<T>): Promise<T> {
    const next = this.#last.then(() => {
      this.partition.signal.throwIfAborted();
      return operation();
    });
    this.#last = next.catch(() => undefined);
    return next;
  }
}
