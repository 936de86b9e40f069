import { ImageError } from '../image-error.js';

/** Adds the file's name to an error that knows only the image's inside, and the partition's number where it is known. */
export function inFile(error: unknown, path: string, partition?: number): unknown {
  if (!(error instanceof ImageError) || error.message.includes(path)) return error;
  const { code, message, hint, details, category } = error;
  const place = partition === undefined ? path : `${path}, partition ${partition}`;
  return new ImageError(code, `${place}: ${message}`, {
    cause: error,
    hint,
    category,
    details: { ...details, image: path, ...(partition === undefined ? {} : { partition }) },
  });
}
