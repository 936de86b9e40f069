import type { Context, ConfiguredNode, JsonValue } from '@turingpi/core/plugin';
import type { SecretSource } from '@turingpi/foundation';
import type { CommandResult } from '@turingpi/runtime';

export interface RunCommandOptions {
  /** Written to the command's standard input. */
  readonly input?: string;
  /** Milliseconds; default 10 minutes. */
  readonly timeoutMs?: number;
  /** Return a non-zero exit code instead of throwing. */
  readonly allowFailure?: boolean;
  /** Run as root through sudo where the login user is not root. Default true on the node. */
  readonly sudo?: boolean;
}

/** Actions whose subject is the user's own machine. Each one is journaled. */
export interface LocalActions {
  /** Runs a program here: an argument array, no shell. */
  runCommand(command: readonly string[], options?: RunCommandOptions): Promise<CommandResult>;
  /** Copies a file of this machine to the node. */
  copyFile(
    source: string,
    target: string,
    options: { readonly toRemote: true; readonly mode?: number },
  ): Promise<void>;
}

/** Actions on the node over SSH. Each one is journaled. */
export interface RemoteActions {
  /** Runs a command line in the node's shell (a string), or a program with arguments (an array, quoted for it). */
  runCommand(command: string | readonly string[], options?: RunCommandOptions): Promise<CommandResult>;
  writeFile(path: string, content: string | Uint8Array, options?: { readonly mode?: number }): Promise<void>;
  readFile(path: string): Promise<string>;
  aptInstall(...packages: readonly string[]): Promise<void>;
  /** Restarts the node and waits until it answers again with its own host key. */
  reboot(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export type PostInstallCallback = (local: LocalActions, remote: RemoteActions) => Promise<void>;

/** What the last phase is told besides its actions. */
export interface PostInstallerOptions {
  /**
   * Password of the user. Default: the one of the installation, where its record says how to get at it. One that was
   * given to the installer as a value is known to its own process alone.
   */
  readonly password?: SecretSource;
}

/** Phase 3: finishes the node over SSH, also when another process has installed it: the record says how to log in. */
export interface PostInstallerBuilder {
  /**
   * Runs the callback's actions, journaled: on a later run, equal actions return their recorded result without
   * touching the node; from the first difference on they are executed.
   *
   * @throws PhaseError `PHASE_INPUT_MISSING` when no installation of the node is on record.
   */
  runActions(context: Context, callback: PostInstallCallback): Promise<ConfiguredNode>;
}

/** One journaled action as it is kept in the state. */
export interface JournalRecord {
  /** The kind of action, for people: `remote.runCommand`. */
  readonly action: string;
  /** SHA-256 over the canonical JSON of what decides the action's effect. */
  readonly digest: string;
  readonly result: JsonValue;
  /** ISO 8601. */
  readonly at: string;
}
