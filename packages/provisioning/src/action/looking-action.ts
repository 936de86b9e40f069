import type { JsonValue } from '@turingpi/core/plugin';
import type {
  ActionEnvironment,
  ActionInputEnvironment,
  ActionPreview,
  PostInstallAction,
} from './post-install-action.js';

/** What has to be done so that something is as it was asked for. */
export interface PendingChange {
  /** What differs, for people: lines of a unified diff. Of what not everybody on the node may read there is none. */
  readonly diff?: string | undefined;
  /** What else is told of it when it was done. */
  readonly facts?: Readonly<Record<string, JsonValue>>;
  /** Makes it so. @returns `false` where it turned out that nothing had to be changed. */
  make(): Promise<unknown>;
}

/** What goes on record of an action that looks first. */
export type ChangeResult = {
  /** False: everything was as it was asked for. */
  readonly changed: boolean;
  readonly diff?: string;
} & Readonly<Record<string, JsonValue>>;

/**
 * An action that looks first and changes only what is not as it was asked for, so that it can always be done again.
 *
 * @remarks Its parts: `inputs`, as of any action, and `look`.
 */
export abstract class LookingAction<Input> implements PostInstallAction<Input> {
  abstract readonly id: string;
  abstract readonly title: string;
  readonly place: 'node' | 'local' = 'node';

  abstract inputs(input: Input, environment: ActionInputEnvironment): JsonValue | Promise<JsonValue>;

  /** Looks, changes nothing, and says what has to be done; undefined where everything is as it was asked for. */
  protected abstract look(input: Input, environment: ActionEnvironment): Promise<PendingChange | undefined>;

  async perform(input: Input, environment: ActionEnvironment): Promise<ChangeResult> {
    const change = await this.look(input, environment);
    if (change === undefined) return { changed: false };
    const isMade = await change.make();
    if (isMade === false) return { changed: false };
    return { changed: true, ...diffOf(change), ...change.facts };
  }

  async preview(input: Input, environment: ActionEnvironment): Promise<ActionPreview> {
    const change = await this.look(input, environment);
    return change === undefined ? { wouldChange: false } : { wouldChange: true, ...diffOf(change) };
  }
}

function diffOf({ diff }: PendingChange): { readonly diff?: string } {
  return diff === undefined ? {} : { diff };
}
