/** How far a piece of work is. */
export interface Progress {
  /** What is being done, in the present: `upload`, `write`, `verify`, `download`, `wait for SSH`. */
  readonly activity: string;
  /** Work done so far, in `unit`s. */
  readonly done?: number;
  /** The whole work, when known beforehand. */
  readonly total?: number;
  readonly unit?: 'bytes' | 'steps';
  /** Rate in units per second, smoothed. */
  readonly rate?: number;
  /** Estimated remaining time in milliseconds. */
  readonly etaMs?: number;
  /** How long this activity may take in all, in milliseconds, where it ends after that: a wait, for example. */
  readonly limitMs?: number;
  /** One short remark, for example a recognised line of the boot log. */
  readonly note?: string;
  /** The remark is a warning that people must see, also when the next progress comes at once. */
  readonly warning?: boolean;
}
