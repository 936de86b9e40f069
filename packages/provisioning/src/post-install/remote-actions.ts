import type { CommandResult } from '@turingpi/runtime';
import type { RunCommandOptions } from '../action/run-command-options.js';

/**
 * Actions on the node over SSH. Each one is journaled.
 *
 * @remarks Plugins that bring further actions add their methods:
 * `declare module '@turingpi/provisioning' { interface RemoteActions { … } }`.
 */
export interface RemoteActions {
  /** Runs a command line in the node's shell (a string), or a program with arguments (an array, quoted for it). */
  runCommand(command: string | readonly string[], options?: RunCommandOptions): Promise<CommandResult>;
  writeFile(path: string, content: string | Uint8Array, options?: { readonly mode?: number }): Promise<void>;
  readFile(path: string): Promise<string>;
  /**
   * Copies files of the node into a folder of this computer, below the node's host name; a folder becomes a `.tar.gz`.
   *
   * @returns Where they are now.
   */
  fetch(request: { readonly paths: readonly string[]; readonly to: string }): Promise<readonly string[]>;
  /** Restarts the node and waits until it answers again with its own host key. */
  reboot(options?: { readonly timeoutMs?: number }): Promise<void>;
}
