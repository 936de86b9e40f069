/** How long changes of a node's network may take. */
export interface NetworkLimits {
  /** Milliseconds in which the node must be reached with its new network. */
  readonly answerMs: number;
  /** Milliseconds after which it goes back by itself: longer, so that nobody keeps what is being given up. */
  readonly revertAfterMs: number;
}

/** Networks are taken within seconds; switches learn where an address is within half a minute. */
export const NETWORK_LIMITS_DEFAULT: NetworkLimits = { answerMs: 60_000, revertAfterMs: 90_000 };
