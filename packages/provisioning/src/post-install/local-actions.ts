import type { CommandResult } from '@turingpi/runtime';
import type { ChangeResult } from '../action/looking-action.js';
import type { RunCommandOptions } from '../action/run-command-options.js';

/**
 * Actions whose subject is the user's own machine. Each one is journaled.
 *
 * @remarks Plugins that bring further actions add their methods:
 * `declare module '@turingpi/provisioning' { interface LocalActions { … } }`.
 */
export interface LocalActions {
  /** Runs a program here: an argument array, no shell. */
  runCommand(command: readonly string[], options?: RunCommandOptions): Promise<CommandResult>;
  /** Copies a file of this machine to the node, unless it is there already. @throws ProvisioningError `LOCAL_FILE_NOT_FOUND` */
  copyFile(
    source: string,
    target: string,
    options: { readonly toRemote: true; readonly mode?: number },
  ): Promise<ChangeResult>;
  /**
   * Copies what is in a directory of this machine into one of the node, unless it is there already; what is there beside
   * it stays. Modes and symbolic links are kept, and all of it is root's.
   *
   * @throws ProvisioningError `LOCAL_FILE_NOT_FOUND`
   */
  copyDirectory(source: string, target: string, options: { readonly toRemote: true }): Promise<ChangeResult>;
}
