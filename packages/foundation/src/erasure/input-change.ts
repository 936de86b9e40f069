/** One input that differs between two runs, short enough to be read at a glance. */
export interface InputChange {
  /** For example `network.hostname`. */
  readonly name: string;
  /** The value before: as it was given, `set` for what is kept as a digest only, `not set` for none. */
  readonly before: string;
  /** The value now: as before, `changed` for another digest. */
  readonly after: string;
  /** How it comes to be true on a finished node; missing where that was not asked. */
  readonly takesEffect?: 'in place' | 'by a reinstallation';
  /** What else people should know of it, as what stays as it is. */
  readonly note?: string;
}
