import { TuringPiError } from '@turingpi/foundation';

/** What is wrong with a machine configuration, or with the node that it is for. */
export class MachineConfigError extends TuringPiError {}
