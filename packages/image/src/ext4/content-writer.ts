import type { FileAttributes, FileContent as NewContent } from '../filesystem/file-system.js';
import { ImageError } from '../image-error.js';
import { unsupportedOperation } from './corruption.js';
import { ExtendedAttributes } from './extended-attributes.js';
import type { ContentMode, ContentPlan, FileContent } from './file-content.js';
import { assertChangeable } from './inode-lifetime.js';
import type { Inode } from './inode.js';
import { isDirectory, notFound, typeOf, type Namespace, type ResolvedPath } from './namespace.js';
import { SequentialWriter } from './sequential-writer.js';
import type { Volume } from './volume.js';

type Stream = Exclude<NewContent, Uint8Array>;

/** Where content goes: a name in its directory, and the file that has it already. */
interface Target {
  readonly at: ResolvedPath;
  readonly existing: Inode | undefined;
}

/** Streams up to this length are collected first, and then written like bytes in memory: at once. */
const COLLECTED_BYTES = 1 << 20;

/**
 * Writes and appends file content.
 *
 * @remarks
 * Bytes in memory are stored in one transaction. A stream gets blocks of its own first, is written there without holding
 * up other operations (it may come from the same filesystem), and becomes the file's content at the end; when it fails,
 * its blocks are free again. Only when the disk cannot hold old and new content together is an existing file emptied
 * first, or bytes in memory are written over its own blocks.
 */
export class ContentWriter {
  constructor(
    private readonly volume: Volume,
    private readonly namespace: Namespace,
    private readonly content: FileContent,
    private readonly change: <T>(operation: () => Promise<T>) => Promise<T>,
  ) {}

  async write(path: string, content: NewContent, attributes: FileAttributes): Promise<void> {
    await this.#store(path, content, false, (inode) => this.applyAttributes(inode, attributes), attributes);
  }

  async append(path: string, content: NewContent): Promise<void> {
    await this.#store(path, content, true, () => Promise.resolve(), {});
  }

  /** Changes owner, mode (and an ACL with it) and modification time; the change time is now. */
  async applyAttributes(inode: Inode, attributes: FileAttributes): Promise<void> {
    if (attributes.uid !== undefined) inode.uid = attributes.uid;
    if (attributes.gid !== undefined) inode.gid = attributes.gid;
    if (attributes.mode !== undefined && inode.type !== 'symlink') {
      inode.mode = (inode.mode & 0xf000) | (attributes.mode & 0o7777);
      await new ExtendedAttributes(this.volume).followMode(inode);
    }
    if (attributes.mtime) inode.setTime('modification', attributes.mtime);
    inode.setTime('change', this.volume.settings.now());
  }

  async #store(
    path: string,
    content: NewContent,
    append: boolean,
    finish: (inode: Inode) => Promise<void>,
    attributes: FileAttributes,
  ): Promise<void> {
    if (content instanceof Uint8Array) await this.#storeBytes(path, content, append, finish, attributes);
    else if (content.size <= COLLECTED_BYTES)
      await this.#storeBytes(path, await collect(content, path), append, finish, attributes);
    else await this.#storeStream(path, content, append, finish, attributes);
  }

  #storeBytes(
    path: string,
    bytes: Uint8Array,
    append: boolean,
    finish: (inode: Inode) => Promise<void>,
    attributes: FileAttributes,
  ): Promise<void> {
    return this.change(async () => {
      const target = await this.#target(path, append);
      const { existing } = target;
      if (existing && this.content.storeInline(existing, bytes, append)) {
        await this.#stored(existing, finish);
        return;
      }
      const plan = await this.#planBytes(target, bytes.length, append);
      await this.#carryOut(target, plan, finish, attributes);
      // Last, when nothing else can fail: these may be blocks that the file had before.
      const writer = this.#writerFor(plan);
      await writer.write(plan.prefix);
      await writer.write(bytes);
      await writer.finish();
    });
  }

  async #storeStream(
    path: string,
    { stream, size }: Stream,
    append: boolean,
    finish: (inode: Inode) => Promise<void>,
    attributes: FileAttributes,
  ): Promise<void> {
    const plan = await this.#reserve(path, size, append);
    try {
      const writer = this.#writerFor(plan);
      await writer.write(plan.prefix);
      let length = 0;
      for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        length += bytes.length;
        if (length > size) throw wrongLength(path, size, length);
        await writer.write(bytes);
      }
      if (length !== size) throw wrongLength(path, size, length);
      await writer.finish();
      await this.change(async () => {
        await this.#carryOut(await this.#target(path, append), plan, finish, attributes);
      });
    } catch (error) {
      stream.destroy();
      await this.change(() => this.volume.blocks.free(plan.fresh));
      throw error;
    }
  }

  /**
   * Gives content a place beside what else is new, so that few places of the image change; without the room for old and
   * new together, over the file's own blocks.
   */
  async #planBytes(target: Target, length: number, append: boolean): Promise<ContentPlan> {
    if (append) return this.#plan(target, length, 'append');
    try {
      return await this.#plan(target, length, 'replace');
    } catch (error) {
      if (!(error instanceof ImageError) || error.code !== 'IMAGE_NO_SPACE') throw error;
      return this.#plan(target, length, 'replace-in-place');
    }
  }

  /** Allocates a stream's blocks, emptying the file that it replaces if there is no other way. */
  async #reserve(path: string, size: number, append: boolean): Promise<ContentPlan> {
    const mode = append ? 'append' : 'replace';
    const reserve = async (): Promise<ContentPlan> =>
      this.#plan(await this.#target(path, append), size, mode);
    try {
      return await this.change(reserve);
    } catch (error) {
      if (append || !(error instanceof ImageError) || error.code !== 'IMAGE_NO_SPACE') throw error;
      await this.change(() => this.#emptyIfThatHelps(path, size, error));
      return this.change(reserve);
    }
  }

  async #emptyIfThatHelps(path: string, size: number, error: ImageError): Promise<void> {
    const { existing } = await this.#target(path, false);
    const { counters, superblock, maps } = this.volume;
    const available = (await counters.freeBlocks()) + (existing ? maps.blockCount(existing) : 0);
    if (!existing || available * superblock.blockSize < size) throw error;
    await this.content.truncate(existing);
    await this.volume.inodes.write(existing);
  }

  async #carryOut(
    { at, existing }: Target,
    plan: ContentPlan,
    finish: (inode: Inode) => Promise<void>,
    attributes: FileAttributes,
  ): Promise<void> {
    if (existing) {
      await this.content.carryOut(existing, plan);
      await this.#stored(existing, finish);
      return;
    }
    if (plan.before) throw unsupportedOperation(`"${at.path}" was removed while it was written`);
    await this.namespace.create(at, 'file', attributes, (inode) => this.content.carryOut(inode, plan));
  }

  async #stored(inode: Inode, finish: (inode: Inode) => Promise<void>): Promise<void> {
    const now = this.volume.settings.now();
    inode.setTime('modification', now);
    inode.setTime('change', now);
    await finish(inode);
    await this.volume.inodes.write(inode);
  }

  /** What a path means, checked. @throws ImageError `IMAGE_PATH_NOT_FOUND` when there is nothing to append to. */
  async #target(path: string, append: boolean): Promise<Target> {
    const at = await this.namespace.resolve(path);
    if (!at.found) {
      if (append) throw notFound(path);
      return { at, existing: undefined };
    }
    const existing = await this.volume.inodes.get(at.found.record.inode);
    if (existing.isDirectory) throw isDirectory(path);
    if (existing.type !== 'file')
      throw unsupportedOperation(`"${path}" is a ${typeOf(existing)} and cannot be written to`);
    assertChangeable(existing, path, append);
    return { at, existing };
  }

  async #plan({ at, existing }: Target, length: number, mode: ContentMode): Promise<ContentPlan> {
    const near = existing ?? at.parent.inode;
    return this.content.plan(existing, length, mode, this.volume.maps.goal(near.number));
  }

  #writerFor(plan: ContentPlan): SequentialWriter {
    return new SequentialWriter(this.volume.disk, this.volume.superblock.blockSize, plan.target);
  }
}

async function collect({ stream, size }: Stream, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > size) throw wrongLength(path, size, length);
    chunks.push(bytes);
  }
  if (length !== size) throw wrongLength(path, size, length);
  return Buffer.concat(chunks);
}

function wrongLength(path: string, expected: number, actual: number): ImageError {
  const found = actual > expected ? `more than ${expected}` : `only ${actual} of ${expected}`;
  return new ImageError('IMAGE_SOURCE_UNREADABLE', `The content for "${path}" has ${found} bytes.`, {
    hint: 'Its source changed or was cut off while it was read.',
  });
}
