import type { EraseApproval, TuringPi } from '@turingpi/core';
import type { Extension } from '@turingpi/core/plugin';

/** A command that a plugin brings: `turingpi <id>`. */
export interface ContributedCommand extends Extension {
  /** The word after `turingpi`: lower case, digits and `-`. */
  readonly id: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Whole command lines, as they are typed: `turingpi rack --json`. At least one. */
  readonly examples: readonly string[];
  readonly arguments?: readonly CommandArgument[];
  /** Besides `-c, --config <file>`, `--json` and `--verbose`, which every command has. */
  readonly options?: readonly CommandOption[];
  /**
   * Does it. What it throws is told as every error is: a TuringPiError with its code and hint.
   *
   * @returns The exit code, or nothing for 0.
   */
  run(context: CommandContext): Promise<number> | Promise<void>;
}

/** What stands after the command, by its place. */
export interface CommandArgument {
  /** `<name>`, or `[name]` where it may be left out; `[names...]` for any number. */
  readonly usage: string;
  readonly summary: string;
}

export interface CommandOption {
  /** As the help shows it: `--dry-run`, `-r, --rack <name>`. */
  readonly flags: string;
  readonly summary: string;
  readonly default?: string | number | boolean;
  /** Makes a value of the text. What it throws is told as a wrong command line. */
  readonly parse?: (text: string) => unknown;
}

/** What a contributed command is run with. */
export interface CommandContext {
  /** What stands after the command, in order. */
  readonly args: readonly string[];
  /** By name in camel case: `--dry-run` is `dryRun`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Say it as JSON, one object a line, and nothing else, on `stdout`. */
  readonly json: boolean;
  readonly stdout: CommandOutput;
  readonly stderr: CommandOutput;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the command's own package, whose plugins every configuration can use: for a command that opens some itself. */
  readonly programDir: string;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  /**
   * Opens the configuration that `-c` names, else the one in the working directory, once; it is closed with the command.
   *
   * @param options - what may be erased; nothing, unless it is said here
   * @throws ConfigError, PluginError
   */
  openCluster(options?: { readonly approve?: EraseApproval }): Promise<TuringPi>;
}

/** A stream that people or programs read. */
export interface CommandOutput {
  write(text: string): unknown;
  /** Whether a person sees it in a terminal. */
  readonly isTTY?: boolean;
  readonly columns?: number;
}
