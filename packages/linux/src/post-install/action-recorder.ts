import type { CommandResult } from '@turingpi/runtime';
import type { Journal, JsonValue, PhaseEnvironment } from '@turingpi/core/plugin';
import type { Secret } from '@turingpi/foundation';
import { keyedDigest } from '@turingpi/provisioning';

const SHOWN = '[secret]';
/** The one action that needs no node. */
export const ON_THIS_MACHINE = 'local.runCommand';

/** Performs actions through the journal: says what runs, keys what may be secret, and keeps secrets out of results. */
export class ActionRecorder {
  #count = 0;

  constructor(
    private readonly journal: Journal,
    private readonly environment: PhaseEnvironment,
    private readonly digestKey: () => Promise<Uint8Array>,
    private readonly secrets: readonly Secret[],
    /** Sees to it that the node is there and the right one, before anything is done to it. */
    private readonly reachNode: () => Promise<unknown>,
  ) {}

  get signal(): AbortSignal {
    return this.environment.signal;
  }

  perform<T extends JsonValue>(
    action: string,
    inputs: JsonValue,
    note: string,
    execute: () => Promise<T>,
  ): Promise<T> {
    this.#count += 1;
    const done = this.#count;
    const run = (): Promise<T> => {
      this.environment.progress({
        activity: 'post-install',
        done,
        unit: 'steps',
        note: `${action} ${this.redact(note)}`.slice(0, 120),
      });
      return execute();
    };
    if (action === ON_THIS_MACHINE) return this.journal.perform(action, inputs, run);
    return this.journal.perform(action, inputs, run, async () => {
      await this.reachNode();
    });
  }

  /** A digest that nobody without the state file's key can test guesses against. */
  async digest(content: string | Uint8Array): Promise<string> {
    return keyedDigest(content, await this.digestKey());
  }

  /** What goes on record of a command's result. */
  result({ exitCode, stdout, stderr }: CommandResult): { exitCode: number; stdout: string; stderr: string } {
    return { exitCode, stdout: this.redact(stdout), stderr: this.redact(stderr) };
  }

  redact(text: string): string {
    return this.secrets
      .map((secret) => secret.reveal())
      .filter((value) => value.length >= 4) // shorter ones would tear ordinary text apart
      .reduce((rest, value) => rest.replaceAll(value, SHOWN), text);
  }
}
