import { TuringPiError } from '@turingpi/core/plugin';

/** What a system with OpenRC cannot be, or did not become. */
export class OpenRcError extends TuringPiError {}
