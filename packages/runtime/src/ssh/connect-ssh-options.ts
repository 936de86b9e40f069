/** How a connection is made. */
export interface ConnectSshOptions {
  readonly signal: AbortSignal;
  /** Milliseconds until the login must be done; default 20 seconds. */
  readonly connectTimeoutMs?: number;
}
