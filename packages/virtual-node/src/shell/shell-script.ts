import type { Word } from './shell-word.js';

/** Where one of a command's descriptors goes. */
export interface Redirection {
  readonly descriptor: 0 | 1 | 2;
  readonly kind: 'read' | 'write' | 'append' | 'duplicate';
  /** A path; for `duplicate` the other descriptor. */
  readonly target: Word;
}

/** A command with its arguments. */
export interface SimpleCommand {
  readonly kind: 'simple';
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly words: readonly Word[];
  readonly redirections: readonly Redirection[];
}

/** Commands that are known while the script is read: their parts are scripts. */
export type CompoundCommand =
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly condition: Script; readonly body: Script }[];
      readonly otherwise: Script | undefined;
    }
  | { readonly kind: 'loop'; readonly until: boolean; readonly condition: Script; readonly body: Script }
  | {
      readonly kind: 'for';
      readonly name: string;
      /** Undefined: the arguments of the script. */
      readonly words: readonly Word[] | undefined;
      readonly body: Script;
    }
  | { readonly kind: 'group'; readonly subshell: boolean; readonly body: Script };

export type ShellCommand = (SimpleCommand | CompoundCommand) & {
  readonly redirections: readonly Redirection[];
};

/** Commands whose output feeds the next one's input. */
export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly ShellCommand[];
}

/** Pipelines in order, each run depending on how the one before ended. */
export type Script = readonly {
  readonly when: 'always' | 'success' | 'failure';
  readonly pipeline: Pipeline;
}[];
