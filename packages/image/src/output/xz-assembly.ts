import { CleanupStack } from '@turingpi/foundation';
import type { FileSegment } from '../disk/file-segment.js';
import type { OverlayDisk } from '../disk/overlay-disk.js';
import type { XzDisk } from '../xz/xz-disk.js';
import type { LocatedBlock } from '../xz/located-block.js';
import { renderIndex, type XzIndexRecord } from '../xz/xz-index.js';
import type { XzBlock } from '../xz/xz-layout.js';
import { renderStreamFooter, renderStreamHeader } from '../xz/xz-stream-frame.js';
import { BlockReplacer } from './block-replacer.js';

/** A part of a new .xz file, and the blocks in it. */
export interface XzPart {
  readonly segment: FileSegment;
  readonly blocks: readonly LocatedBlock[];
}

/**
 * A new .xz file that exists as parts: untouched blocks of the base as they are, touched ones in small pieces of which
 * only the changed ones are encoded. Encoding begins at once; the parts come as they are ready.
 */
export class XzAssembly implements AsyncDisposable {
  readonly #base: XzDisk;
  readonly #replacer: BlockReplacer;
  readonly #cleanup = new CleanupStack();

  /** @param overlay - The edits, over `base`; undefined for none. Not to be changed until the parts were all read. */
  constructor(base: XzDisk, overlay: OverlayDisk | undefined, signal: AbortSignal) {
    this.#base = base;
    this.#replacer = new BlockReplacer(base, overlay, signal);
    this.#cleanup.use('stop encoding and remove encoded pieces', this.#replacer);
  }

  /** Length of the base file in bytes, about that of the new one. */
  get estimatedBytes(): number {
    return this.#base.layout.blocks.reduce((sum, block) => sum + block.paddedBytes, 0);
  }

  /** @throws ImageError `IMAGE_CORRUPT`, `IMAGE_HOST_NO_SPACE`; the reason of the signal. */
  async *parts(): AsyncGenerator<XzPart, void, undefined> {
    for (const { check, blocks } of this.#base.layout.streams) {
      const records: XzIndexRecord[] = [];
      yield { segment: { bytes: renderStreamHeader(check) }, blocks: [] };
      for await (const part of this.#blockParts(blocks)) {
        for (const { block } of part.blocks) records.push(block);
        yield part;
      }
      const index = renderIndex(records);
      yield {
        segment: { bytes: Buffer.concat([index, renderStreamFooter(check, index.length)]) },
        blocks: [],
      };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup[Symbol.asyncDispose]();
  }

  /** Neighbours that lie one after another in one file are one part. */
  async *#blockParts(blocks: readonly XzBlock[]): AsyncGenerator<XzPart, void, undefined> {
    let run: LocatedBlock[] = [];
    for (const block of blocks) {
      const replacement = this.#replacer.replacementOf(block);
      if (replacement && run.length > 0) {
        yield partOf(run); // not kept back while the replacement is being made
        run = [];
      }
      for (const next of replacement ? await replacement : [this.#inBase(block)]) {
        const last = run.at(-1);
        const follows =
          !last ||
          (last.file === next.file &&
            last.block.fileOffset + last.block.paddedBytes === next.block.fileOffset);
        if (!follows) {
          yield partOf(run);
          run = [];
        }
        run.push(next);
      }
    }
    if (run.length > 0) yield partOf(run);
  }

  #inBase(block: XzBlock): LocatedBlock {
    return { file: this.#base.file, path: this.#base.path, block };
  }
}

function partOf(run: readonly LocatedBlock[]): XzPart {
  const first = run[0];
  if (!first) throw new RangeError('a part has at least one block');
  const length = run.reduce((sum, { block }) => sum + block.paddedBytes, 0);
  return {
    segment: { file: first.file, path: first.path, offset: first.block.fileOffset, length },
    blocks: run,
  };
}
