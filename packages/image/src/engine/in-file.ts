import { ImageError } from '../image-error.js';

/** Adds the file's name to an error that knows only the image's inside. */
export function inFile(error: unknown, path: string): unknown {
  if (!(error instanceof ImageError) || error.message.includes(path)) return error;
  const { code, message, hint, details } = error;
  return new ImageError(code, `${path}: ${message}`, {
    cause: error,
    hint,
    details: { ...details, image: path },
  });
}
