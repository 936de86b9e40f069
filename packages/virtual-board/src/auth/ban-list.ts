const FIRST_BAN_NS = 60_000_000_000n;
const MOST_DOUBLINGS = 10;

interface Attempts {
  failures: number;
  bannedUntilNs: bigint | undefined;
}

/** Failed attempts per peer address and the bans they earn (docs/reference/bmc-protocol.md, "Bans"). */
export class BanList {
  readonly #peers = new Map<string, Attempts>();

  /** @param attempts - The consecutive failure that starts the first ban. */
  constructor(
    private readonly attempts: number,
    private readonly nowNs: () => bigint,
  ) {}

  /** Nanoseconds a peer is still refused; undefined when it is not banned. */
  remaining(peer: string): bigint | undefined {
    const until = this.#peers.get(peer)?.bannedUntilNs;
    if (until === undefined) return undefined;
    const left = until - this.nowNs();
    return left > 0n ? left : undefined;
  }

  /** Counts a failure: from the n-th on it bans, each time twice as long. */
  fail(peer: string): void {
    const record = this.#peers.get(peer) ?? { failures: 0, bannedUntilNs: undefined };
    record.failures += 1;
    this.#peers.set(peer, record);
    if (record.failures < this.attempts) return;
    const doublings = Math.min(record.failures - this.attempts, MOST_DOUBLINGS);
    record.bannedUntilNs = this.nowNs() + FIRST_BAN_NS * 2n ** BigInt(doublings);
  }

  /** Bans a peer as if it had failed often enough. */
  ban(peer: string): void {
    const record = this.#peers.get(peer) ?? { failures: 0, bannedUntilNs: undefined };
    record.failures = Math.max(record.failures, this.attempts - 1);
    this.#peers.set(peer, record);
    this.fail(peer);
  }

  forgive(peer: string): void {
    this.#peers.delete(peer);
  }

  clear(): void {
    this.#peers.clear();
  }
}
