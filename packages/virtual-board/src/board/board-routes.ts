import type { ApiContext } from '../api/api-context.js';
import type { Authenticator } from '../auth/authenticator.js';
import type { FifoLock } from '../auth/fifo-lock.js';
import type { IncomingRequest } from '../http/incoming-request.js';
import type { BoardCertificate } from '../tls/board-certificate.js';
import type { TransferEnvironment } from '../transfer/transfer-service.js';

/** What the routes of a board work on. */
export interface BoardRoutes {
  readonly api: ApiContext;
  readonly transfers: TransferEnvironment;
  readonly authenticator: Authenticator;
  readonly lock: FifoLock;
  /** Whether loopback peers need a login, as all others do. */
  readonly treatLoopbackAsRemote: boolean;
  /** Notices that a connection was reset while nothing is read from it. */
  readonly probe: (connection: string) => void;
  /** Watches an upload's bytes: network speed and faults. */
  readonly watchUpload: (request: IncomingRequest) => void;
  /** Form handling of an upload fails although it is well formed. */
  readonly spoilsForms: () => boolean;
  /** Of the board's own certificate, and a new one in its place. */
  readonly certificate: { current(): BoardCertificate; reissue(): Promise<void> };
  readonly backupFiles: () => ReadonlyMap<string, string>;
}
