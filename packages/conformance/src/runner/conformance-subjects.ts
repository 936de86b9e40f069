import type { ActionSubject } from '../action/action-subject.js';
import type { BoardSubject } from '../board/board-subject.js';
import type { CommandSubject } from '../command/command-cases.js';
import type { ConfigKeySubject } from '../configuration/config-key-cases.js';
import type { ImageBackendSubject } from '../image/image-backend-subject.js';
import type { OperatingSystemSubject } from '../system/operating-system-subject.js';
import type { StateStoreSubject } from '../state/state-store-subject.js';
import type { StrategySubject } from '../strategy/strategy-subject.js';

/**
 * What a plugin's suites are run on: the default export of the module that `turingpi.conformance` in its package.json
 * names. By extension point, then by the id of what the plugin contributes, which is itself given by the plugin.
 */
export interface ConformanceSubjects {
  readonly os?: Readonly<Record<string, Omit<OperatingSystemSubject, 'plugin' | 'id'>>>;
  readonly boards?: Readonly<Record<string, BoardSubject>>;
  readonly strategies?: Readonly<Record<string, StrategySubject>>;
  readonly actions?: Readonly<Record<string, Omit<ActionSubject, 'plugin' | 'id'>>>;
  readonly stateStores?: Readonly<Record<string, StateStoreSubject>>;
  readonly imageBackends?: Readonly<Record<string, Omit<ImageBackendSubject, 'backend'>>>;
  readonly configKeys?: Readonly<Record<string, Omit<ConfigKeySubject, 'key'>>>;
  readonly commands?: Readonly<Record<string, CommandInProject>>;
}

/** A command is run by the `turingpi` that is installed beside the plugin, in a project that has the plugin. */
export interface CommandInProject extends Pick<CommandSubject, 'succeeding'> {
  /** The project's turingpi.yaml, as data. Nothing of it is contacted unless the command does so. */
  readonly config?: Readonly<Record<string, unknown>>;
}
