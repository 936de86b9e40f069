import path from 'node:path';
import { expandHome, RunStore, runsDirectoryOf } from '@turingpi/core';
import { readConfigFile, resolvePath } from '@turingpi/core/plugin';
import envPaths from 'env-paths';
import { configFileIn } from '../../cluster/config-file-in.js';
import type { Terminal } from '../../process/terminal.js';
import { namesStore } from './names-store.js';

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
 * @remarks What happened can be looked at also where a configuration has become wrong, or its secrets are not at hand: where
 * it keeps its state in a store that other computers share, those of them are left out then.
 * @throws ConfigError when there is no such file, or it cannot be read.
 */
export async function findRuns(options: RunCommandOptions, terminal: Terminal): Promise<RunStore> {
  const { cacheDir, shares } = await placeOf(options, terminal.cwd);
  const directory = runsDirectoryOf(cacheDir);
  if (shares === undefined) return new RunStore(directory);
  const { sharedRuns } = await import('./shared-runs.js');
  return sharedRuns(directory, shares, terminal);
}

/** The cache directory that is meant, as for {@link findRuns}. @throws ConfigError as {@link findRuns}. */
export async function cacheDirectoryOf(
  options: Pick<RunCommandOptions, 'config' | 'cacheDir'>,
  cwd: string,
): Promise<string> {
  return (await placeOf(options, cwd)).cacheDir;
}

/** Where the cache is, and the configuration whose state other computers may share. */
interface RunPlace {
  readonly cacheDir: string;
  readonly shares?: string;
}

async function placeOf(
  { config, cacheDir }: Pick<RunCommandOptions, 'config' | 'cacheDir'>,
  cwd: string,
): Promise<RunPlace> {
  if (cacheDir !== undefined) return { cacheDir: path.resolve(cwd, expandHome(cacheDir)) };
  const file = config === undefined ? configFileIn(cwd) : path.resolve(cwd, expandHome(config));
  const usual = envPaths('tpi', { suffix: '' }).cache;
  if (file === undefined) return { cacheDir: usual };
  const { input, baseDir } = await readConfigFile(file);
  const { cacheDir: written } = input as { readonly cacheDir?: unknown };
  return {
    cacheDir: typeof written === 'string' ? resolvePath(baseDir, written) : usual,
    ...(namesStore(input) ? { shares: file } : {}),
  };
}
