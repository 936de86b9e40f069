import type { InputChange } from '@turingpi/foundation';
import type { PhaseEnvironment } from './phase-environment.js';
import type { CustomizedImage, InstalledNode, JsonValue, PhaseName, PhaseOutputs } from './phase.js';
import type { Standing } from './standing.js';

/** Settings that were begun to be changed in place, each with every value that may be on the node by now. */
export type TriedSettings = Readonly<Record<string, readonly JsonValue[]>>;

/** Differences from what is on a finished node. */
export interface InPlaceQuestion {
  /** By name, also those that were only tried. */
  readonly changes: readonly InputChange[];
  /** The image that stands for what is on the node. */
  readonly image: CustomizedImage;
  readonly installed: InstalledNode;
  readonly tried: TriedSettings;
}

/** What becomes of differences from a finished installation without a new one. */
export interface InPlaceAnswer<P extends PhaseName> {
  /** The same differences in words of the step's, each with how it takes effect. */
  readonly changes: readonly InputChange[];
  /** Missing where one of them needs a reinstallation: then none of them is applied. */
  readonly change?: InPlaceChange<P>;
}

/** A change of a finished node as it runs. */
export interface InPlaceChange<P extends PhaseName> {
  /** What the phase hands on when it is done. */
  readonly output: PhaseOutputs[P];
  /** All values that may be on the node while it is not done: they go on record before it begins. */
  readonly trying: TriedSettings;
  /**
   * Whether the node is the one on record, asked wherever it may be while it is changed. Default: as the step asks.
   */
  stands?(environment: PhaseEnvironment): Promise<Standing>;
  /** Makes it so, and returns when it is true. Of an image there is nothing to do. */
  apply(environment: PhaseEnvironment): Promise<void>;
}

/** What may be on the node, with what is tried now. */
export function triedWith(tried: TriedSettings, trying: TriedSettings): Record<string, JsonValue[]> {
  const names = [...new Set([...Object.keys(tried), ...Object.keys(trying)])];
  return Object.fromEntries(
    names.map((name) => {
      const values = [...(tried[name] ?? []), ...(trying[name] ?? [])];
      const texts = values.map((value) => JSON.stringify(value));
      return [name, values.filter((_value, index) => texts.indexOf(texts[index] ?? '') === index)];
    }),
  );
}
