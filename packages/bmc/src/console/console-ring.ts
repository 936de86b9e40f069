/** Of a character that the buffer's end cuts, at most this many bytes are left. */
const LONGEST_CUT = 3;

/** The BMC decodes what it has leniently: a character cut by either end of its buffer shows as this. */
const CUT = '\uFFFD';

/**
 * What a node has printed since the last look, from snapshots of the last 16 KiB.
 *
 * @remarks docs/reference/bmc-protocol.md, "Serial console": from firmware 2.3 on a read returns the whole buffer
 * again, before it empties it.
 */
export class ConsoleRing {
  #seen = '';
  #lost = false;

  /** @param keepsHistory - false for firmware whose reads empty the buffer */
  constructor(
    private readonly keepsHistory: boolean,
    private readonly capacityBytes = 16 * 1024,
  ) {}

  /** Whether more was printed before the last snapshot than the buffer holds, so that a part of it is gone. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Takes a snapshot and returns what is new in it. */
  next(snapshot: string): string {
    if (!this.keepsHistory) return snapshot;
    const whole = trimEnd(snapshot);
    const start = whole.startsWith(this.#seen) ? this.#seen.length : newFrom(this.#seen, whole);
    // A buffer that is full and has nothing of what was there has been written over. One that is not is a new one.
    this.#lost =
      this.#seen !== '' &&
      start <= LONGEST_CUT &&
      Buffer.byteLength(whole) >= this.capacityBytes - LONGEST_CUT;
    this.#seen = whole;
    return whole.slice(start);
  }

  /** Takes what was seen by another way than a snapshot, so that the next one shows only what is new after it. */
  add(text: string): void {
    this.#seen = (this.#seen + text).slice(-this.capacityBytes);
    this.#lost = false;
  }
}

/** Where, in `now`, that begins which `before` did not have: after the longest end of `before` that begins `now`. */
function newFrom(before: string, now: string): number {
  const skipped = now.length - now.replace(/^\uFFFD{1,3}/, '').length;
  return skipped + overlap(before, now.slice(skipped));
}

/** Length of the longest suffix of `before` that is a prefix of `now`, by the prefix function: linear in both. */
function overlap(before: string, now: string): number {
  const tail = before.slice(-now.length);
  const failure = new Uint32Array(now.length);
  for (let i = 1, k = 0; i < now.length; i++) {
    while (k > 0 && now[i] !== now[k]) k = failure[k - 1] ?? 0;
    if (now[i] === now[k]) k++;
    failure[i] = k;
  }
  let matched = 0;
  for (const unit of tail.split('')) {
    if (matched === now.length) matched = failure[matched - 1] ?? 0;
    while (matched > 0 && unit !== now[matched]) matched = failure[matched - 1] ?? 0;
    if (unit === now[matched]) matched++;
  }
  return matched;
}

/** A character of which only the first bytes have arrived is left for the next look. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.length - end < 3 && text[end - 1] === CUT) end--;
  return text.slice(0, end);
}
