import { TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';

type ConfigErrorCode =
  | 'CONFIG_NOT_FOUND'
  | 'CONFIG_UNREADABLE'
  | 'CONFIG_INVALID'
  | 'CONFIG_SECRET_MISSING'
  | 'CACHE_DIR_NOT_OURS';

/** The configuration cannot be read, or says something that cannot be. */
export class ConfigError extends TuringPiError<ConfigErrorCode> {
  constructor(code: ConfigErrorCode, message: string, options: TuringPiErrorOptions) {
    super(code, message, { category: 'configuration', ...options });
  }
}
