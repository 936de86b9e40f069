import { TuringPiError } from '@turingpi/foundation';

/** A plugin is missing, broken, or made for another plugin API. */
export class PluginError extends TuringPiError<
  | 'PLUGIN_NOT_FOUND'
  | 'PLUGIN_INVALID'
  | 'PLUGIN_API_MISMATCH'
  | 'PLUGIN_DUPLICATE_ID'
  | 'PLUGIN_SERVICE_MISSING'
> {}
