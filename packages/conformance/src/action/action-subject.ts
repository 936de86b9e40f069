import type { Plugin } from '@turingpi/core/plugin';
import type { CommandResult } from '@turingpi/runtime';

/** A step that must be refused. */
export interface WrongStep {
  readonly step: Readonly<Record<string, unknown>>;
  /** Every key that is wrong in it, for example `apt[0]`. */
  readonly keys: readonly string[];
}

/** What a suite for a post-install action is run on. */
export interface ActionSubject {
  /** The plugin that brings it. */
  readonly plugin: Plugin;
  readonly id: string;
  /** Input of work that it can do on the node that is simulated for it: one that answers every command, and has every file. */
  readonly input: unknown;
  /** Input of other work; left out where there is only one thing to do. */
  readonly otherInput?: unknown;
  /** Input with a secret in it, for an action that may be given one. */
  readonly inputWith?: (secret: string) => unknown;
  /** The step of a configuration file that means `input`; left out for an action of code alone. */
  readonly step?: Readonly<Record<string, unknown>>;
  readonly wrongSteps?: readonly WrongStep[];
  /** Files of this computer that it reads, by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the node answers to a command; default: it ends well, and prints something. */
  readonly answer?: (command: string) => Partial<CommandResult> | undefined;
}
