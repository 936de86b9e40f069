/** What an action of a callback would do now. */
export interface PreviewedAction {
  /** `remote.writeFile` */
  readonly action: string;
  /** What it is about; without secrets. Empty where it does not say. */
  readonly note: string;
  /** Undefined for one that does not look first: it would be done. */
  readonly wouldChange: boolean | undefined;
  /** What differs, for people; without secrets that are known. */
  readonly diff?: string;
}
