import { TuringPiError } from '@turingpi/foundation';

/** What can go wrong when a node is installed over the network. */
export class NetworkInstallError extends TuringPiError<
  | 'INSTALLER_BASE_UNSUPPORTED'
  | 'INSTALLER_PROGRAM_MISSING'
  | 'INSTALLER_TOO_LARGE'
  | 'INSTALLER_NO_ROUTE'
  | 'INSTALLER_FAILED'
  | 'INSTALLER_STALLED'
  | 'INSTALLER_UNSEEN'
  | 'INSTALLER_DISK_NOT_APPROVED'
> {}
