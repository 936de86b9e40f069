/** A text that all who have a state open share, and that one of them at a time changes. */
export interface SharedText {
  /** Where it is, for messages. */
  readonly location: string;
  /** What it is; undefined while nobody has written it. */
  read(): Promise<string | undefined>;
  /**
   * Replaces it, so that no change of somebody else is lost; it is safe when this returns.
   *
   * @param change - makes the next text of the one that is there, and undefined to leave it. Without effects: it may be
   * called again, when somebody else was faster. What it throws passes through, and nothing is written.
   * @returns The text afterwards.
   */
  update(change: (current: string | undefined) => string | undefined): Promise<string | undefined>;
}
