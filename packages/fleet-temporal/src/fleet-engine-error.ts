import { TuringPiError } from '@turingpi/core/plugin';

/** Temporal cannot be used, or says what cannot be read. */
export class FleetEngineError extends TuringPiError<
  'FLEET_ENGINE_UNREACHABLE' | 'FLEET_KEY_INVALID' | 'FLEET_PAYLOAD_UNREADABLE'
> {}
