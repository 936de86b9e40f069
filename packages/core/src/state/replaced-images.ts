import type { NodeName } from '@turingpi/foundation';
import { imagesOfNodes, type RecordedImages } from './recorded-images.js';
import type { StateStore } from './state-store.js';

/** Where records are, and the images that they name. */
interface RecordsOfImages {
  readonly state: Pick<StateStore, 'load'>;
  readonly config: { readonly cacheDir: string };
}

/** Tells which images nodes were made from before, and are not any more. */
export class ReplacedImages {
  private constructor(
    private readonly records: RecordsOfImages,
    private readonly named: ReadonlyMap<NodeName, ReadonlyMap<string, string | undefined>>,
  ) {}

  /** Notes what records name now. */
  static async before(records: RecordsOfImages): Promise<ReplacedImages> {
    const { state, config } = records;
    const named = await state.load().then(
      (loaded) => imagesOfNodes(loaded, config.cacheDir),
      () => new Map<NodeName, ReadonlyMap<string, string | undefined>>(), // who claims a phase says what is wrong with them
    );
    return new ReplacedImages(records, named);
  }

  /**
   * What was named then, and is by no record now, of nodes whose installation is finished: they have what came after it.
   *
   * @param now - what is named by whatever records
   * @returns SHA-256 (hex) by absolute path. Where the digest is not on record, it cannot be told whose a file is: it is left
   * out.
   */
  async since({ digests, unreadable }: RecordedImages): Promise<ReadonlyMap<string, string>> {
    const replaced = new Map<string, string>();
    if (unreadable) return replaced;
    const state = await this.records.state.load();
    for (const [node, images] of this.named) {
      if (state[node]?.os_installation?.status !== 'completed') continue;
      for (const [file, sha256] of images)
        if (sha256 !== undefined && !digests.has(file)) replaced.set(file, sha256);
    }
    return replaced;
  }
}
