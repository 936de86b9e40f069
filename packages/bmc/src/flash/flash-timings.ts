/** Limits and intervals of a flash, in milliseconds. There is no total limit: an image takes as long as it takes. */
export interface FlashTimings {
  /** Between two looks at the transfer, while its end is not near. */
  readonly pollMs: number;
  /** Give up when no byte moves for this long; bring-up of the module alone takes up to 15 s. */
  readonly stallMs: number;
  /** The same when everything is written and the BMC flushes its cache. */
  readonly flushStallMs: number;
  /** How long the BMC may be unreachable while we look. */
  readonly gapMs: number;
  /** How long the daemon may take to clean up after a transfer that failed or was cancelled. */
  readonly cleanupMs: number;
  /** How long a node's power must have been stored as off before we believe that the cleanup is over. */
  readonly settleMs: number;
  /** Limit for everything that restores the node and the USB mode after a failure. */
  readonly recoveryMs: number;
  /** Before a further attempt, besides the cleanup. */
  readonly retryDelayMs: number;
  /** How long someone else's transfer may stand at zero bytes before we take it for alive. */
  readonly abandonedMs: number;
  /** How long another module may take to answer on its console before it is taken for one in USB boot. */
  readonly answerMs: number;
  /** Between two looks at the console meanwhile. */
  readonly answerPollMs: number;
  /** Nothing is typed on the console of a node that has been on for less: a key stops a boot loader's countdown. */
  readonly typeAfterMs: number;
  /** How long a node that was switched on counts as booting, unless its boot is known to have ended. */
  readonly bootMs: number;
}

/** Why these: docs/reference/bmc-protocol.md, "Flash worker" and "Speeds". */
export const DEFAULT_FLASH_TIMINGS: FlashTimings = {
  pollMs: 1000,
  stallMs: 120_000,
  flushStallMs: 300_000,
  gapMs: 30_000,
  cleanupMs: 20_000,
  settleMs: 3000,
  recoveryMs: 90_000,
  retryDelayMs: 10_000,
  abandonedMs: 15_000,
  answerMs: 4000,
  answerPollMs: 150,
  typeAfterMs: 45_000,
  bootMs: 600_000,
};
