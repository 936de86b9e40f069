import { Readable, type Transform } from 'node:stream';
import { ImageError } from '../image-error.js';

/**
 * Sends chunks through a decoder.
 *
 * @throws ImageError `IMAGE_CORRUPT` when the decoder fails; what the source throws, unchanged.
 */
export async function* runThrough(
  input: AsyncIterable<Buffer>,
  decoder: Transform,
  path: string,
): AsyncGenerator<Buffer, void, undefined> {
  const source = Readable.from(input, { objectMode: false });
  const state: { inputError?: Error } = {};
  source.once('error', (error) => {
    state.inputError = error;
    decoder.destroy(error);
  });
  try {
    for await (const chunk of source.pipe(decoder) as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    if (state.inputError) throw state.inputError;
    const why = error instanceof Error ? error.message : String(error);
    throw new ImageError('IMAGE_CORRUPT', `${path} cannot be decompressed: ${why}`, {
      cause: error,
    });
  } finally {
    source.destroy();
    decoder.destroy();
  }
}
