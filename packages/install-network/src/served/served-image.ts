import { createHash } from 'node:crypto';
import { type ImageSource, openImageDisk, OverlayDisk } from '@turingpi/image';
import { CleanupStack } from '@turingpi/foundation';
import {
  clipRanges,
  cutIntoParcels,
  gptForDisk,
  GPT_TAIL_BYTES,
  type ImageParcel,
  usedRanges,
} from '@turingpi/image/parts';
import { type PlannedParcel, renderPlan, renderRefusal } from './render-plan.js';

/** The begin of a disk is written last: partition table and, on some boards, the boot loader's first stage. */
const HEAD_BYTES = 65_536;

/** A parcel that can be sent. */
export interface ServedParcel extends PlannedParcel {
  /** Reads what travels, from a byte of it on. */
  read(signal: AbortSignal, from: number): AsyncIterable<Buffer>;
}

/** What one node gets of an image: a plan in text, and the parcels that it names. */
export interface NodePlan {
  readonly text: string;
  readonly parcels: readonly ServedParcel[];
}

/** A parcel, and what of it is written. */
interface CutParcel {
  readonly parcel: ImageParcel;
  readonly used: ServedParcel['used'];
}

/**
 * An image as nodes get it: only what is in use, in parcels, nothing encoded anew. What customisation left alone travels as
 * it lies in the base's `.xz`; what it changed, in the small pieces that it was written in.
 */
export class ServedImage implements AsyncDisposable {
  private constructor(
    private readonly source: ImageSource,
    private readonly cut: readonly CutParcel[],
    /** The same with their digests, which take a while. */
    private readonly parcels: Promise<readonly ServedParcel[]>,
    private readonly cleanup: CleanupStack,
  ) {}

  /**
   * Finds out what is in use. The digests of the parcels are computed meanwhile, until the first plan needs them.
   *
   * @param path - of the image file
   * @param cacheDir - where what is decoded is kept
   * @throws ImageError as `openImageDisk`; the reason of the signal.
   */
  static async open(
    path: string,
    { cacheDir, signal }: { readonly cacheDir: string; readonly signal: AbortSignal },
  ): Promise<ServedImage> {
    await using cleanup = new CleanupStack();
    const source = cleanup.use(`close ${path}`, await openImageDisk(path, { cacheDir, signal }));
    const overlay = cleanup.use('what is read of it', new OverlayDisk(source.disk, { cacheDir }));
    const { sizeBytes } = source.disk;
    const isGpt = (await gptForDisk(overlay, sizeBytes)) !== undefined;
    const body = { offset: HEAD_BYTES, length: sizeBytes - HEAD_BYTES - (isGpt ? GPT_TAIL_BYTES : 0) };
    const used = clipRanges(await usedRanges(overlay), body);
    const cut = (await cutIntoParcels(source, used)).map((parcel) => {
      return { parcel, used: clipRanges(parcel.used, body) };
    });
    const stop = new AbortController();
    const parcels = withDigests(source, cut, AbortSignal.any([signal, stop.signal]));
    parcels.catch(() => undefined); // told to who asks for a plan
    cleanup.defer('digests', async () => {
      stop.abort(new Error('the image is no longer served'));
      await parcels.catch(() => undefined);
    });
    return new ServedImage(source, cut, parcels, cleanup.move());
  }

  get rawSizeBytes(): number {
    return this.source.disk.sizeBytes;
  }

  /** Bytes of the disk that are written. */
  get usedBytes(): number {
    return sum(this.cut.flatMap(({ used }) => used.map(({ length }) => length)));
  }

  /** Bytes that travel to each node. */
  get transferBytes(): number {
    return sum(this.cut.map(({ parcel }) => parcel.transferBytes));
  }

  /**
   * What a node with a disk of this size is to do: the partition table's copy belongs to the end of that very disk.
   *
   * @throws ImageError `IMAGE_UNREADABLE`, `IMAGE_SOURCE_CHANGED`; the reason of the signal that it was opened with.
   */
  async planFor(diskBytes: number): Promise<NodePlan> {
    const { disk } = this.source;
    if (diskBytes < disk.sizeBytes)
      return {
        text: renderRefusal(`the disk has ${diskBytes} bytes, the image ${disk.sizeBytes}`),
        parcels: [],
      };
    const head = await disk.read(0, Math.min(HEAD_BYTES, disk.sizeBytes));
    const gpt = await gptForDisk(disk, diskBytes);
    gpt?.head.copy(head);
    const last = [...(gpt ? [inMemory(gpt.tail, diskBytes - gpt.tail.length)] : []), inMemory(head, 0)];
    const parcels = await this.parcels;
    return { text: renderPlan(parcels, last), parcels: [...parcels, ...last] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup[Symbol.asyncDispose]();
  }
}

async function withDigests(
  source: ImageSource,
  cut: readonly CutParcel[],
  signal: AbortSignal,
): Promise<ServedParcel[]> {
  const parcels: ServedParcel[] = [];
  for (const { parcel, used } of cut) {
    const { encoding, transferBytes, range } = parcel;
    const hash = createHash('sha256');
    for await (const chunk of parcel.read(signal)) hash.update(chunk);
    const read = (reading: AbortSignal, from: number) => parcel.read(reading, from);
    parcels.push({ encoding, transferBytes, range, used, sha256: hash.digest('hex'), read });
  }
  await source.assertUnchanged();
  return parcels;
}

function inMemory(bytes: Buffer, offset: number): ServedParcel {
  const range = { offset, length: bytes.length };
  return {
    encoding: 'raw',
    transferBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    range,
    used: [range],
    async *read(_signal, from) {
      yield await Promise.resolve(bytes.subarray(from));
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
