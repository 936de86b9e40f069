import type { EndedRun } from '../plugin/ended-run.js';
import { recordedImages } from '../state/recorded-images.js';
import { ReplacedImages } from '../state/replaced-images.js';
import type { ClusterServices } from './cluster-services.js';

/** Tells plugins when no node is run any more, with what was so when the first one was begun. */
export class AfterRuns {
  #startedAt = new Date();
  #namedBefore: Promise<ReplacedImages> | undefined;
  readonly #remarks: string[] = [];

  constructor(private readonly parts: ClusterServices['parts']) {}

  /** Directly before the first node is run. */
  begin(): void {
    this.#startedAt = new Date(); // not `now`: it is compared with times of files
    this.#namedBefore = ReplacedImages.before(this.parts);
  }

  /** When it is known what records named before: no node is changed earlier. */
  get begun(): Promise<unknown> {
    return Promise.resolve(this.#namedBefore);
  }

  /** Once the last node has ended. That a plugin fails here is logged alone. */
  async end(): Promise<void> {
    const { config, registry, logger, state, stateFile } = this.parts;
    const images = () => recordedImages(config.cacheDir, { state, stateFile });
    const before = await this.#namedBefore;
    const run: EndedRun = {
      ...{ config, startedAt: this.#startedAt, logger },
      recordedImages: images,
      replacedImages: async () => before?.since(await images()) ?? new Map<string, string>(),
      remark: (text) => void this.#remarks.push(text),
    };
    for (const afterRun of registry.afterRun) {
      try {
        await afterRun(run);
      } catch (error) {
        logger.warn({ err: error }, 'a plugin failed after the run');
      }
    }
  }

  /** What plugins have said since it was asked. */
  takeRemarks(): readonly string[] {
    return this.#remarks.splice(0);
  }
}
