import { CLUSTER_CONFIG, type ClusterConfig, configOf } from '@turingpi/core/plugin';
import {
  type ActionEnvironment,
  type ActionInputEnvironment,
  type ChangeResult,
  fileChange,
  LookingAction,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { DEFAULTS, NEW_STEP } from './new-step-key.js';

/** What the action is given, in code as in a configuration file. */
export interface NewStep {
  readonly text: string;
}

/** Writes a message for those who log in. */
export class NewStepAction extends LookingAction<NewStep> {
  /** What the constructor is given, in its order. */
  static readonly inject = [CLUSTER_CONFIG];

  readonly id = 'newStep';
  readonly title = 'writes a message for those who log in';
  readonly schema = z.strictObject({ text: z.string().min(1, 'is empty') });
  readonly #path: string;

  constructor(config: Pick<ClusterConfig, 'contributed'>) {
    super();
    ({ path: this.#path } = configOf(config, NEW_STEP) ?? DEFAULTS);
  }

  /** For people who watch. */
  note(): string {
    return this.#path;
  }

  /** Everything that decides what it does. The text may hold a secret: it is known by its keyed digest. */
  async inputs({ text }: NewStep, { digest }: ActionInputEnvironment) {
    return { path: this.#path, text: await digest(text) };
  }

  /** Looks, and says what has to be done; nothing is changed yet. */
  protected async look(
    { text }: NewStep,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const file = { path: this.#path, content: `${text}\n`, mode: 0o644, owner: 'root:root' };
    return await fileChange(await session(), file, signal);
  }
}

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Writes a message for those who log in. */
    newStep(wanted: NewStep): Promise<ChangeResult>;
  }
}
