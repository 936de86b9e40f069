import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ImageModifier } from './image-modifier.js';
import type { ImageEngine, ImageSession, OpenImageOptions, SavedImage } from '../engine/image-engine.js';
import { ImageError } from '../image-error.js';
import { applyRecording } from './apply-recording.js';
import type { ImageOperation } from './image-operation.js';
import { recordImageModifications } from './record-image-modifications.js';

export interface EditImageOptions extends OpenImageOptions {
  /** Default: `raw` for a name that does not end in `.xz`. */
  readonly format?: 'xz' | 'raw';
  /** Replaces an existing output file. */
  readonly force?: boolean;
}

/** A new image, and what was done to make it. */
export interface EditedImage {
  readonly image: SavedImage;
  readonly operations: readonly ImageOperation[];
  readonly backend: string;
  readonly backendReason: string;
}

/**
 * Edits an image file into another one: the edits are recorded first, so that every mistake shows before anything is
 * written, then applied and checked. The input is never changed.
 *
 * @throws ImageError `IMAGE_OUTPUT_EXISTS` when the output is there, or is the input; of the edits and the files.
 */
export async function editImageFile(
  engine: ImageEngine,
  input: string,
  output: string,
  edit: (image: ImageModifier, session: ImageSession) => Promise<void>,
  options: EditImageOptions,
): Promise<EditedImage> {
  const { signal, progress } = options;
  await assertNotThere(input, output, options.force === true);
  await using session = await engine.open(input, options);
  const recording = await recordImageModifications((image) => edit(image, session), session, { signal });
  const reporting = progress === undefined ? { signal } : { signal, progress };
  await applyRecording(recording, session, reporting);
  const format = options.format ?? (output.toLowerCase().endsWith('.xz') ? 'xz' : 'raw');
  const image = await session.save(resolve(output), { format, ...reporting });
  const { backend, backendReason } = session;
  return { image, operations: recording.operations, backend, backendReason };
}

async function assertNotThere(input: string, output: string, force: boolean): Promise<void> {
  const existing = await stat(output).catch(() => undefined);
  if (existing === undefined) return;
  const source = await stat(input).catch(() => undefined);
  const same =
    (source?.ino === existing.ino && source.dev === existing.dev) ||
    (await realpath(output).catch(() => output)) === (await realpath(input).catch(() => undefined));
  if (same)
    throw new ImageError('IMAGE_OUTPUT_EXISTS', `${output} is the input itself, which is never changed`);
  if (!existing.isFile())
    throw new ImageError('IMAGE_OUTPUT_EXISTS', `${output} is there and is not a file`, {
      hint: 'Give the name of a file to make.',
    });
  if (!force)
    throw new ImageError('IMAGE_OUTPUT_EXISTS', `${output} is there already`, {
      hint: 'Give another name, or --overwrite to replace it.',
    });
}
