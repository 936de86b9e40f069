import path from 'node:path';
import { expandHome, RunStore, runsDirectoryOf } from '@turingpi/core';
import { readConfigFile, resolvePath } from '@turingpi/core/plugin';
import envPaths from 'env-paths';
import { configFileIn } from '../../cluster/config-file-in.js';
import type { Terminal } from '../../process/terminal.js';

/** Options of every command about runs. */
export interface RunCommandOptions {
  readonly config?: string;
  readonly cacheDir?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/**
 * The runs that are meant: those of `--cache-dir`, else of the configuration's cache directory, else of the user's.
 *
 * @remarks Only where the cache is is read of a configuration: what happened can be looked at also where it has become
 * wrong, or its secrets are not at hand.
 * @throws ConfigError when there is no such file, or it cannot be read.
 */
export async function findRuns(options: RunCommandOptions, terminal: Terminal): Promise<RunStore> {
  return new RunStore(runsDirectoryOf(await cacheDirectoryOf(options, terminal.cwd)));
}

/** The cache directory that is meant, as for {@link findRuns}. @throws ConfigError as {@link findRuns}. */
export async function cacheDirectoryOf(
  { config, cacheDir }: Pick<RunCommandOptions, 'config' | 'cacheDir'>,
  cwd: string,
): Promise<string> {
  if (cacheDir !== undefined) return path.resolve(cwd, expandHome(cacheDir));
  const file = config === undefined ? configFileIn(cwd) : path.resolve(cwd, expandHome(config));
  const usual = envPaths('tpi', { suffix: '' }).cache;
  if (file === undefined) return usual;
  const { input, baseDir } = await readConfigFile(file);
  const { cacheDir: written } = input as { readonly cacheDir?: unknown };
  return typeof written === 'string' ? resolvePath(baseDir, written) : usual;
}
