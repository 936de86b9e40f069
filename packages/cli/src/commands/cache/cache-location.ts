import path from 'node:path';
import { recordedImages } from '@turingpi/core';
import type { CacheLocation } from '@turingpi/image';
import envPaths from 'env-paths';
import { configFileIn } from '../../cluster/config-file-in.js';
import { openCluster } from '../../cluster/open-cluster.js';
import type { Terminal } from '../../process/terminal.js';

/** Options of every command on the cache. */
export interface CacheCommandOptions {
  readonly config?: string;
  readonly cacheDir?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** A cache, and what may stay in it where a configuration says that. */
export interface FoundCache extends CacheLocation {
  /** Bytes. */
  readonly maxBytes?: number;
}

/** The cache that is meant: `--cache-dir`, else the configuration's, else the user's cache directory. */
export async function findCache(options: CacheCommandOptions, terminal: Terminal): Promise<FoundCache> {
  const { cwd } = terminal;
  const isConfigured =
    options.config !== undefined || (options.cacheDir === undefined && configFileIn(cwd) !== undefined);
  if (isConfigured) {
    await using opened = await openCluster(options.config, terminal, {
      anyBoard: true,
      withoutSecrets: true,
    });
    const { cluster } = opened;
    const { cacheDir, cacheMaxBytes: maxBytes } = cluster.config;
    return { cacheDir, recorded: await cluster.recordedImages(), maxBytes };
  }
  const cacheDir =
    options.cacheDir === undefined
      ? envPaths('tpi', { suffix: '' }).cache
      : path.resolve(cwd, options.cacheDir);
  return { cacheDir, recorded: await recordedImages(cacheDir) };
}
