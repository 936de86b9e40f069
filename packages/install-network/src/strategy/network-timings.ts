/** Limits of an installation over the network, in milliseconds. */
export interface NetworkTimings {
  /** For the installer to be seen after the node was switched on: a slow clock and a large initrd take a minute. */
  readonly callHomeMs: number;
  /** For it to be heard of again; while it writes, it asks for a parcel every few seconds. */
  readonly silenceMs: number;
  /** For switching the node off. */
  readonly powerOffMs: number;
}

export const DEFAULT_NETWORK_TIMINGS: NetworkTimings = {
  callHomeMs: 300_000,
  silenceMs: 600_000,
  powerOffMs: 60_000,
};
