import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImageError } from '../image-error.js';
import { dictionaryBytes, parseBlockHeader, renderBlockHeader } from './xz-block-header.js';
import { xzCheckSize, type XzCheck } from './xz-check.js';
import { parseIndex, renderIndex } from './xz-index.js';
import {
  parseStreamFooter,
  parseStreamHeader,
  renderStreamFooter,
  renderStreamHeader,
} from './xz-stream-frame.js';
import { decodeVarint, encodeVarint } from './xz-varint.js';

const size = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const check = fc.constantFrom<XzCheck>('none', 'crc32', 'crc64', 'sha256');

/** Whatever the bytes: a value, or one of our errors; never another one, and never without end. */
function parsesOrRefuses(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(ImageError);
  }
}

describe('variable-length integers', () => {
  it('come back as they were written, wherever they stand', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5 }), size, (before, value) => {
        const bytes = [...before];
        encodeVarint(value, bytes);
        expect(decodeVarint(Uint8Array.from(bytes), before.length)).toEqual({ value, next: bytes.length });
      }),
    );
  });

  it.each([
    ['cut off', [0x80]],
    ['padded with zero', [0x80, 0x00]],
    ['longer than nine bytes', [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
    ['beyond what can be counted', [255, 255, 255, 255, 255, 255, 255, 127]],
  ])('are refused when %s', (_why, bytes) => {
    expect(() => decodeVarint(Uint8Array.from(bytes), 0)).toThrow(
      expect.objectContaining({ code: 'IMAGE_CORRUPT' }),
    );
  });
});

describe('stream header and footer', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(check, fc.integer({ min: 1, max: 2 ** 32 }), (kind, words) => {
        expect(parseStreamHeader(renderStreamHeader(kind))).toBe(kind);
        expect(parseStreamFooter(renderStreamFooter(kind, words * 4))).toEqual({
          check: kind,
          indexBytes: words * 4,
        });
      }),
    );
  });

  it('are refused after any change of one byte', () => {
    fc.assert(
      fc.property(check, fc.nat({ max: 11 }), fc.integer({ min: 1, max: 255 }), (kind, at, flip) => {
        const header = renderStreamHeader(kind);
        header.writeUInt8(header.readUInt8(at) ^ flip, at);
        expect(() => parseStreamHeader(header)).toThrow(ImageError);
        const footer = renderStreamFooter(kind, 8);
        footer.writeUInt8(footer.readUInt8(at) ^ flip, at);
        expect(() => parseStreamFooter(footer)).toThrow(ImageError);
      }),
    );
  });

  it('are as the specification shows: the empty file of `xz --check=crc32`', () => {
    const index = renderIndex([]);
    const file = Buffer.concat([
      renderStreamHeader('crc32'),
      index,
      renderStreamFooter('crc32', index.length),
    ]);
    expect(file.toString('hex')).toBe(
      'fd377a585a0000016922de36' + '000000001cdf4421' + '9042990d010000000001595a',
    );
  });
});

describe('index', () => {
  const record = fc.record({ unpaddedBytes: size.filter((n) => n >= 5), rawBytes: size });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(record), (records) => {
        expect(parseIndex(renderIndex(records))).toEqual(records);
      }),
    );
  });

  it('never does anything but parse or refuse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) =>
        parsesOrRefuses(() => parseIndex(Buffer.from(bytes))),
      ),
    );
  });

  it('is refused when it claims more blocks than any image has', () => {
    const index = renderIndex([]);
    const bytes: number[] = [0];
    encodeVarint(2 ** 40, bytes);
    expect(() => parseIndex(index.subarray(4))).toThrow(ImageError);
    expect(() => parseIndex(withChecksum(bytes))).toThrow(
      expect.objectContaining({ code: 'IMAGE_TOO_LARGE' }),
    );
  });
});

describe('block header', () => {
  const lzma2 = { id: 0x21, properties: Buffer.from([0x16]) };

  it('comes back as it was written', () => {
    const filter = fc.record({
      id: fc.nat({ max: 2 ** 30 }),
      properties: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(
        fc.array(filter, { minLength: 1, maxLength: 4 }),
        size,
        size,
        (filters, compressedBytes, rawBytes) => {
          const rendered = renderBlockHeader(filters, compressedBytes, rawBytes);
          const expected = { headerBytes: rendered.length, compressedBytes, rawBytes, filters };
          expect(parseBlockHeader(rendered)).toEqual(expected);
        },
      ),
    );
  });

  it('never does anything but parse or refuse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) =>
        parsesOrRefuses(() => dictionaryBytes(parseBlockHeader(withChecksum([...bytes])))),
      ),
    );
  });

  it.each([
    [0x0c, 256 * 1024],
    [0x12, 2 ** 21],
    [0x16, 8 * 2 ** 20],
    [0x17, 12 * 2 ** 20],
    [40, 2 ** 32 - 1],
  ])('tells the dictionary: property %i is %i bytes', (property, bytes) => {
    const header = renderBlockHeader([{ ...lzma2, properties: Buffer.from([property]) }], 1, 1);
    expect(dictionaryBytes(parseBlockHeader(header))).toBe(bytes);
  });
});

it('checks have the sizes of the specification', () => {
  expect((['none', 'crc32', 'crc64', 'sha256'] as const).map(xzCheckSize)).toEqual([0, 4, 8, 32]);
});

/** Pads to four bytes, sets a block header's own length, and appends a right checksum: only the content is wrong. */
function withChecksum(bytes: number[]): Buffer {
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4 + 4);
  padded.set(bytes);
  if (bytes[0] !== 0) padded[0] = padded.length / 4 - 1;
  padded.writeUInt32LE(crc32(padded.subarray(0, -4)), padded.length - 4);
  return padded;
}
