import { TuringPiError } from '@turingpi/foundation';

/** The configuration cannot be read, or says something that cannot be. */
export class ConfigError extends TuringPiError<
  'CONFIG_NOT_FOUND' | 'CONFIG_UNREADABLE' | 'CONFIG_INVALID' | 'CONFIG_SECRET_MISSING' | 'CACHE_DIR_NOT_OURS'
> {}
