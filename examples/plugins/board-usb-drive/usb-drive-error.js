import { TuringPiError } from '@turingpi/foundation';

/** Why a drive was not written, or not wholly. */
export class UsbDriveError extends TuringPiError {}
