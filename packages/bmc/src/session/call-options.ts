/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Give up after this much silence of the BMC; default: as long as an upload of someone else may take. */
  readonly busyMs?: number | undefined;
}
