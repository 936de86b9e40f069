import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Check, Coders, JSLzmaStream, LzmaOptions } from 'lzma-native';
import { xzDecodeError } from './decode-failure.js';
import type { XzCheck } from './xz-check.js';
import type { XzCodec, XzDecodeOptions, XzEncodeOptions } from './xz-codec.js';
import { MAX_DICTIONARY_BYTES } from './xz-excerpt.js';
import { XzStreamWriter } from './xz-stream-writer.js';

/** Preset 0 would become the default of 6: the package takes zero for "not given". */
const PRESET = 1;
const BUFFER_BYTES = 256 * 1024;
const CHECKS: Readonly<Record<XzCheck, Check>> = {
  none: 'CHECK_CRC32', // cut off by the writer: the package takes zero for "not given"
  crc32: 'CHECK_CRC32',
  crc64: 'CHECK_CRC64',
  sha256: 'CHECK_SHA256',
};

/**
 * liblzma in this process, for hosts without `xz`.
 *
 * @remarks The package runs the coder on libuv's thread pool, so that the main thread stays free without workers of ours.
 */
export class LzmaNativeCodec implements XzCodec {
  readonly name = 'lzma-native';

  async *decode(
    encoded: AsyncIterable<Buffer>,
    options: XzDecodeOptions,
  ): AsyncGenerator<Buffer, void, undefined> {
    const memlimit = MAX_DICTIONARY_BYTES * 2;
    yield* this.#run('streamDecoder', { memlimit, bufsize: BUFFER_BYTES }, encoded, options);
  }

  async encodeToFile(
    raw: AsyncIterable<Buffer>,
    target: FileHandle,
    options: XzEncodeOptions,
  ): Promise<void> {
    const writer = new XzStreamWriter(target, options.check);
    await writer.begin();
    for await (const piece of cutInto(raw, options.blockBytes)) {
      const coder = { preset: PRESET, check: CHECKS[options.check], bufsize: BUFFER_BYTES } as const;
      const encoded: Buffer[] = [];
      const input = Readable.from([piece]) as AsyncIterable<Buffer>;
      for await (const chunk of this.#run('easyEncoder', coder, input, {
        signal: options.signal,
        path: 'data',
      }))
        encoded.push(chunk);
      await writer.addBlocksOf(Buffer.concat(encoded));
    }
    await writer.end();
  }

  async *#run(
    coder: Coders,
    options: LzmaOptions,
    input: AsyncIterable<Buffer>,
    decoding: XzDecodeOptions,
  ): AsyncGenerator<Buffer, void, undefined> {
    const { signal } = decoding;
    signal.throwIfAborted();
    const { default: lzma } = await import('lzma-native');
    // The declared types name the checks as strings; the package wants the numbers behind them.
    const check =
      options.check === undefined ? {} : { check: lzma[options.check as keyof typeof lzma] as never };
    const stream: JSLzmaStream = lzma.createStream(coder, { ...options, ...check });
    const source = Readable.from(input, { objectMode: false });
    const state: { inputError?: Error } = {};
    source.once('error', (error) => {
      state.inputError = error;
      stream.destroy(error);
    });
    const abort = (): void => void stream.destroy(new Error('aborted'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      for await (const chunk of source.pipe(stream) as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      signal.throwIfAborted();
      if (state.inputError) throw state.inputError;
      const why = error instanceof Error ? error.message : String(error);
      throw xzDecodeError({ why, decoder: this.name, cause: error }, decoding);
    } finally {
      signal.removeEventListener('abort', abort);
      source.destroy();
      stream.destroy();
    }
  }
}

/** Regroups chunks into pieces of the sizes asked for; the last one may be shorter. */
async function* cutInto(
  raw: AsyncIterable<Buffer>,
  blockBytes: number | readonly number[],
): AsyncGenerator<Buffer, void, undefined> {
  const sizeOf = (piece: number): number =>
    typeof blockBytes === 'number' ? blockBytes : (blockBytes[piece] ?? Number.MAX_SAFE_INTEGER);
  let held: Buffer[] = [];
  let heldBytes = 0;
  let piece = 0;
  for await (let chunk of raw) {
    while (chunk.length > 0) {
      const part = chunk.subarray(0, sizeOf(piece) - heldBytes);
      held.push(part);
      heldBytes += part.length;
      chunk = chunk.subarray(part.length);
      if (heldBytes < sizeOf(piece)) continue;
      yield Buffer.concat(held);
      held = [];
      heldBytes = 0;
      piece++;
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}
