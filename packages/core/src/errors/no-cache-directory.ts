import { ConfigError } from './config-error.js';

/** There is no cache directory, and none can be made there. */
export function noCacheDirectory(directory: string, cause: unknown): ConfigError {
  return new ConfigError('CONFIG_INVALID', `the cache directory ${directory} cannot be made`, {
    cause,
    hint: 'Choose another `cacheDir`, or make it yourself.',
  });
}
