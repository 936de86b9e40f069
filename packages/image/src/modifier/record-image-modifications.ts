import { Mutex } from '@turingpi/foundation';
import type { ImageModifier } from './image-modifier.js';
import type { ReadableFileSystem } from '../filesystem/file-system.js';
import { ImageError } from '../image-error.js';
import type { ImageChange, ImageOperation } from './image-operation.js';
import { createRecording, type ImageRecording } from './image-recording.js';
import type { ReadableImage } from './readable-image.js';
import { RecordedFileSystem } from './recorded-file-system.js';
import { RecordedPartition } from './recorded-partition.js';
import { RecordingModifier, type RecordingSession } from './recording-modifier.js';

export interface RecordOptions {
  readonly signal?: AbortSignal;
}

/**
 * Runs a callback against a recorder: nothing is changed, neither in the session nor on this machine.
 *
 * @remarks Every mistake shows here, before the image is touched: bad paths, missing sources, names that FAT cannot
 * hold, a directory in place of a file. Space is the exception: whether all fits is known when it is applied.
 * @param session - The image that the callback reads; without one it sees an empty ext4.
 * @throws ImageError naming the call and its path; whatever the callback throws.
 */
export async function recordImageModifications(
  callback: (image: ImageModifier) => Promise<void>,
  session?: ReadableImage,
  { signal = new AbortController().signal }: RecordOptions = {},
): Promise<ImageRecording> {
  const recorder = new ModificationRecorder(session, signal);
  try {
    await callback(new RecordingModifier(recorder, 'root'));
  } finally {
    await recorder.close();
  }
  signal.throwIfAborted();
  return recorder.recording();
}

class ModificationRecorder implements RecordingSession {
  readonly #queue = new Mutex();
  readonly #operations: ImageOperation[] = [];
  readonly #bySelector = new Map<string | number, RecordedPartition>();
  /** Two selectors may mean one partition: they must see each other's changes. */
  readonly #byFileSystem = new Map<ReadableFileSystem, RecordedPartition>();
  #closed = false;

  constructor(
    private readonly session: ReadableImage | undefined,
    readonly signal: AbortSignal,
  ) {}

  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed)
      return Promise.reject(
        new ImageError('IMAGE_OPERATION_UNSUPPORTED', 'The image was used after the callback had ended.', {
          hint: 'Await every call inside the callback.',
        }),
      );
    return this.#queue.run(async () => {
      this.signal.throwIfAborted();
      return work();
    });
  }

  async partition(selector: string | number): Promise<RecordedPartition> {
    const known = this.#bySelector.get(selector);
    if (known !== undefined) return known;
    const base = (await this.session?.files(selector))?.fileSystem;
    const partition =
      (base === undefined ? undefined : this.#byFileSystem.get(base)) ??
      new RecordedPartition(selector, new RecordedFileSystem(base));
    this.#bySelector.set(selector, partition);
    if (base !== undefined) this.#byFileSystem.set(base, partition);
    return partition;
  }

  record({ selector }: RecordedPartition, change: ImageChange): void {
    this.#operations.push({ ...change, partition: selector });
  }

  /** Waits for calls that the callback did not await, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.run(() => Promise.resolve());
  }

  recording(): ImageRecording {
    return createRecording(this.#operations, [...new Set(this.#bySelector.values())]);
  }
}
