/** What is known of an action besides what decides its effect. */
export interface ActionFacts {
  /**
   * What must hold before it is done, as that the node is the right one: called while the phase is not marked as begun yet,
   * when this is the first action that is really done.
   */
  readonly prepare?: (() => Promise<void>) | undefined;
  /** What it is about, for people, when it is done; without secrets. */
  readonly note?: string | undefined;
  /**
   * What becomes of it when it was done on this very installation already, and comes again after a difference: `run`, which
   * is right for what looks first, or `ask` for what may do harm the second time. Default: `run`.
   */
  readonly repetition?: 'run' | 'ask' | undefined;
  /** Done once in an installation under this name, whatever comes before it and however it is changed. */
  readonly once?: string | undefined;
}

/** An action that was done before on the same installation, and would be done again. */
export interface RepeatedAction {
  /** The host name of the node. */
  readonly node: string;
  readonly action: string;
  /** What it is about; without secrets. */
  readonly note?: string | undefined;
}

/** Who says whether actions are repeated that may do harm the second time: always, never, or asked for each. */
export type RepeatApproval = boolean | ((repeated: RepeatedAction) => boolean | Promise<boolean>);
