import type { CommandResult } from '@turingpi/runtime';
import type { BlockInFileInput } from '../action/block-in-file-action.js';
import type { LineInFileInput } from '../action/line-in-file-action.js';
import type { ChangeResult } from '../action/looking-action.js';
import type { MkdirInput } from '../action/mkdir-action.js';
import type { RemoveOptions } from '../action/remove-action.js';
import type { RunOnNodeOptions } from '../action/run-command-options.js';
import type { SymlinkInput } from '../action/symlink-action.js';
import type { TemplateInput } from '../action/template-action.js';
import type { WaitForInput } from '../action/wait-for-action.js';
import type { WriteOptions } from '../action/write-action.js';

/**
 * Actions on the node over SSH. Each one is journaled.
 *
 * @remarks Plugins that bring further actions add their methods:
 * `declare module '@turingpi/provisioning' { interface RemoteActions { … } }`.
 */
export interface RemoteActions {
  /** Runs a command line in the node's shell (a string), or a program with arguments (an array, quoted for it). */
  runCommand(command: string | readonly string[], options?: RunOnNodeOptions): Promise<CommandResult>;
  /** Writes a file, unless it is there with this content, mode and owner. */
  writeFile(path: string, content: string | Uint8Array, options?: WriteOptions): Promise<ChangeResult>;
  /** Writes a file that is made from a template of this computer, in the Liquid language. */
  template(wanted: TemplateInput): Promise<ChangeResult>;
  /** Makes sure that a file has a line, or has it no more. */
  lineInFile(wanted: LineInFileInput): Promise<ChangeResult>;
  /** Keeps lines between two marks in a file. */
  blockInFile(wanted: BlockInFileInput): Promise<ChangeResult>;
  symlink(wanted: SymlinkInput): Promise<ChangeResult>;
  /** Removes files and directories; what is not there is none the worse for it. */
  remove(paths: string | readonly string[], options?: RemoveOptions): Promise<ChangeResult>;
  /** Makes a directory, with those above it. */
  mkdir(wanted: string | MkdirInput): Promise<ChangeResult>;
  /** Waits until a port answers, a file is there, an address answers, or a command succeeds. */
  waitFor(awaited: WaitForInput): Promise<void>;
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
