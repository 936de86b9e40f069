import { describe, expect, it } from 'vitest';
import { DecodedBlockCache } from './decoded-block-cache.js';
import type { DecodedBlock } from './decoded-block.js';
import type { XzBlock } from './xz-layout.js';

/** A block of which nothing is decoded until it is finished. */
class WaitingBlock implements DecodedBlock {
  readonly memoryBytes = 0;
  readonly scratchBytes = 0;
  decoderBytes: number | undefined;
  disposed = false;

  constructor(dictionaryBytes: number) {
    this.decoderBytes = dictionaryBytes;
  }

  finish(): Promise<void> {
    this.decoderBytes = undefined;
    return Promise.resolve();
  }

  read(): Promise<Buffer> {
    return Promise.resolve(Buffer.alloc(0));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }
}

const MIB = 2 ** 20;
const someBlock = (index: number): XzBlock => ({
  check: 'crc64',
  fileOffset: index * 100,
  unpaddedBytes: 100,
  paddedBytes: 100,
  rawOffset: index * 24 * MIB,
  rawBytes: 24 * MIB,
});

async function useInTurn(cache: DecodedBlockCache, blocks: readonly WaitingBlock[]): Promise<void> {
  for (const [index, block] of blocks.entries())
    await cache.use(
      someBlock(index),
      () => Promise.resolve(block),
      (decoded) => decoded.read(0, 1),
    );
}

describe('DecodedBlockCache', () => {
  it('keeps as many decoders waiting as their dictionaries allow, those used last', async () => {
    await using cache = new DecodedBlockCache({ decoderBytes: 32 * MIB });
    const blocks = Array.from({ length: 6 }, () => new WaitingBlock(8 * MIB));
    await useInTurn(cache, blocks);
    expect(blocks.map(({ decoderBytes }) => decoderBytes !== undefined)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it('lets the newest wait, however large its dictionary is', async () => {
    await using cache = new DecodedBlockCache({ decoderBytes: 32 * MIB });
    const blocks = [new WaitingBlock(64 * MIB), new WaitingBlock(64 * MIB)];
    await useInTurn(cache, blocks);
    expect(blocks.map(({ decoderBytes }) => decoderBytes)).toEqual([undefined, 64 * MIB]);
  });

  it('bounds decoders without a dictionary, too', async () => {
    await using cache = new DecodedBlockCache({ decoderBytes: 32 * MIB });
    const blocks = Array.from({ length: 20 }, () => new WaitingBlock(0));
    await useInTurn(cache, blocks);
    expect(blocks.filter(({ decoderBytes }) => decoderBytes !== undefined)).toHaveLength(8);
  });

  it('is done with all blocks when it is disposed of', async () => {
    const blocks = [new WaitingBlock(MIB), new WaitingBlock(MIB)];
    {
      await using cache = new DecodedBlockCache();
      await useInTurn(cache, blocks);
      expect(blocks.some(({ disposed }) => disposed)).toBe(false);
    }
    expect(blocks.every(({ disposed }) => disposed)).toBe(true);
  });
});
