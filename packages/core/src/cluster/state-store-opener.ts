import path from 'node:path';
import { type Logger, makeDirectory } from '@turingpi/foundation';

import { configInvalid } from '../config/config-invalid.js';
import { parseConfig } from '../config/parse-config.js';
import { StateError } from '../errors/state-error.js';
import { examineStateStore } from '../state/examine-state-store.js';
import type { StateStore } from '../state/state-store.js';
import { STATE_STORES } from '../state/state-stores.js';
import { examineDrivers } from './create-turing-pi.js';
import { LISTING_CONFIG } from './inspect-plugins.js';
import { wirePlugins } from './wire-plugins.js';

/** Which store keeps the states of several clusters, as a configuration says it of one. */
export interface ChosenStateStore {
  /** `{ ID: settings }`; default: files. */
  readonly state?: Readonly<Record<string, unknown>> | undefined;
  /** Plugins besides those that are found: package names or paths. */
  readonly plugins?: readonly string[] | undefined;
}

/** What stores are opened with. */
export interface StateStoreOpenerOptions {
  /** Where relative paths start. */
  readonly baseDir: string;
  /** Whose package.json is searched for plugins. */
  readonly projectDir: string;
  readonly programDir: string | undefined;
  /** For secrets that are given as `{ env: NAME }`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/**
 * Finds a store of the state for a program that has no board, as a server that keeps those of others.
 *
 * @returns Opens the state that a configuration with such a state file would have; who asked disposes it.
 * @throws ConfigError `CONFIG_INVALID`; the opener StateError `STATE_WRITE_FAILED`; PluginError for a plugin that is named, and missing or broken.
 */
export async function stateStoreOpener(
  { state, plugins = [] }: ChosenStateStore,
  { baseDir, projectDir, programDir, environment, logger }: StateStoreOpenerOptions,
): Promise<(stateFile: string) => Promise<StateStore>> {
  const input = { ...LISTING_CONFIG, plugins, ...(state === undefined ? {} : { state }) };
  const config = await parseConfig(input, { baseDir, environment });
  const { registry } = await wirePlugins(config, { projectDir, baseDir, programDir, logger });
  const issues = (await examineDrivers(config, registry)).filter(({ path: [key] }) => key === 'state');
  if (issues.length > 0) throw configInvalid(issues, {});
  const driver = registry.extensions.get(STATE_STORES, config.stateStore);
  const { settings } = await examineStateStore(config, driver);
  return async (stateFile) => {
    const folder = path.dirname(stateFile);
    try {
      await makeDirectory(folder);
    } catch (cause) {
      throw new StateError('STATE_WRITE_FAILED', `the folder ${folder} cannot be made`, {
        cause,
        hint: 'Check free space and permissions.',
      });
    }
    return driver.open({ stateFile, logger, now: () => new Date(), settings, baseDir, environment });
  };
}
