import type { JsonValue } from '@turingpi/core/plugin';
import type { SecretSource } from '@turingpi/foundation';
import type { LocalActions } from './local-actions.js';
import type { RemoteActions } from './remote-actions.js';

/**
 * Does an action by its id, for whoever has actions as data; code has methods for them.
 *
 * @param input - what the action's schema makes of a step
 * @param baseDir - where relative paths of this computer start; default: the working directory
 * @returns Its result, or the recorded one of an earlier run.
 * @throws PluginError `PLUGIN_NOT_FOUND` when no plugin brings the action; what the action throws.
 */
export type PerformAction = (id: string, input: unknown, baseDir?: string) => Promise<JsonValue | undefined>;

/** What is done to a node after its installation. */
export type PostInstallCallback = (
  local: LocalActions,
  remote: RemoteActions,
  perform: PerformAction,
) => Promise<unknown>;

/** What the last phase is told besides its actions. */
export interface PostInstallerOptions {
  /**
   * Password of the user. Default: the one of the installation, where its record says how to get at it. One that was
   * given to the installer as a value is known to its own process alone.
   */
  readonly password?: SecretSource;
  /**
   * The callback does the same whatever its actions return, as one that is made from a list does: a plan then calls it to
   * its end, and tells every action. Default: no; a plan leaves it at the first action that it would do.
   */
  readonly foreseeable?: boolean;
}
