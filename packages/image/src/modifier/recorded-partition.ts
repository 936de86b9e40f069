import type { PartitionSelector } from '../engine/image-engine.js';
import type { FileAttributes } from '../filesystem/file-system.js';
import { LinkedImageFiles } from '../filesystem/linked-image-files.js';
import { ImageError } from '../image-error.js';
import type { ImageChange } from './image-operation.js';
import type { LocalPart } from './recorded-content.js';
import type { RecordedFileSystem } from './recorded-file-system.js';

/** One partition as it will be: every change is applied to it in memory, so that reads see it and mistakes show. */
export class RecordedPartition {
  readonly files: LinkedImageFiles;

  constructor(
    readonly selector: PartitionSelector,
    readonly fileSystem: RecordedFileSystem,
  ) {
    this.files = new LinkedImageFiles(fileSystem);
  }

  async apply(change: ImageChange): Promise<void> {
    const { files } = this;
    switch (change.call) {
      case 'writeFile':
        if (change.content.kind === 'local')
          return this.#writeLocal(change.path, change.content, change.attributes);
        return files.writeFile(change.path, change.content.bytes, change.attributes);
      case 'appendFile':
        if (change.content.kind === 'local')
          throw new ImageError('IMAGE_OPERATION_UNSUPPORTED', 'Append bytes.');
        return files.appendFile(change.path, change.content.bytes);
      case 'mkdir':
        return files.mkdir(change.path, attributesOrNone(change.attributes));
      case 'symlink':
        return files.symlink(change.target, change.path);
      case 'setAttributes':
        return files.setAttributes(change.path, change.attributes);
      case 'rename':
        return files.rename(change.path, change.to);
      case 'remove':
        return files.remove(change.path);
    }
  }

  /** The place is made as for any file; then the content is only referred to. */
  async #writeLocal(path: string, content: LocalPart, attributes: FileAttributes): Promise<void> {
    await this.files.writeFile(path, Buffer.alloc(0), attributes);
    await this.fileSystem.writeParts(await this.files.realPath(path), [content]);
  }
}

/** Attributes, if anything is said in them: an existing directory is only changed when something is asked of it. */
export function attributesOrNone<T extends object>(attributes: T): T | undefined {
  return Object.keys(attributes).length === 0 ? undefined : attributes;
}
