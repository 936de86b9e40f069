/** One input that differs between two runs, short enough to be read at a glance. */
export interface InputChange {
  /** For example `network.hostname`. */
  readonly name: string;
  /** The value before: as it was given, `set` for what is kept as a digest only, `not set` for none. */
  readonly before: string;
  /** The value now: as before, `changed` for another digest. */
  readonly after: string;
}
