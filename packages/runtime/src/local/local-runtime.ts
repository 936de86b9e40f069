import type { CommandResult } from '../command/command-result.js';

/** How a program on this machine is run. */
export interface LocalRunOptions {
  readonly signal?: AbortSignal;
  /** Written to standard input; without it, standard input is empty. Secrets belong here, never into arguments. */
  readonly input?: string | Uint8Array;
  /** Milliseconds; default 10 minutes. */
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Return a non-zero exit code instead of throwing. */
  readonly allowFailure?: boolean;
  /** Bytes kept of each of stdout and stderr, the last ones; default 8 MiB. */
  readonly maxOutputBytes?: number;
}

/** Runs programs on this machine. */
export interface LocalRuntime {
  /**
   * Runs a program with arguments, without a shell, and waits for its end.
   *
   * @throws RuntimeError `COMMAND_FAILED`, `COMMAND_TIMEOUT`, `COMMAND_NOT_FOUND`, `COMMAND_INVALID`; the signal's
   * reason when it fires.
   */
  run(command: readonly string[], options?: LocalRunOptions): Promise<CommandResult>;
}
