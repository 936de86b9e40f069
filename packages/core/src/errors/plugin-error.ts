import { TuringPiError, type TuringPiErrorOptions } from '@turingpi/foundation';

type PluginErrorCode =
  | 'PLUGIN_NOT_FOUND'
  | 'PLUGIN_INVALID'
  | 'PLUGIN_API_MISMATCH'
  | 'PLUGIN_DUPLICATE_ID'
  | 'PLUGIN_SERVICE_MISSING';

/** A plugin is missing, broken, or made for another plugin API. */
export class PluginError extends TuringPiError<PluginErrorCode> {
  constructor(code: PluginErrorCode, message: string, options: TuringPiErrorOptions) {
    super(code, message, { category: 'configuration', ...options });
  }
}
