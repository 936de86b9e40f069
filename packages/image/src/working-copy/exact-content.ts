import type { FileContent } from '../filesystem/file-system.js';
import { ImageError } from '../image-error.js';

/**
 * The bytes of a content in pieces, exactly as many as were announced.
 *
 * @throws ImageError `IMAGE_SOURCE_UNREADABLE` when a stream has more or fewer.
 */
export async function* exactContent(content: FileContent, path: string): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) {
    yield content;
    return;
  }
  const { stream, size } = content;
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      length += bytes.length;
      if (length > size) throw wrongLength(path, size, `more than ${size}`);
      yield bytes;
    }
  } finally {
    stream.destroy();
  }
  if (length !== size) throw wrongLength(path, size, `only ${length} of ${size}`);
}

/** Length of a content in bytes. */
export function contentLength(content: FileContent): number {
  return content instanceof Uint8Array ? content.byteLength : content.size;
}

function wrongLength(path: string, expected: number, found: string): ImageError {
  return new ImageError('IMAGE_SOURCE_UNREADABLE', `The content for "${path}" has ${found} bytes.`, {
    hint: 'Its source changed or was cut off while it was read.',
    details: { path, expected },
  });
}
