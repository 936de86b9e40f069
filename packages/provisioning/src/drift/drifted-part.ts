/** What a node would have changed on it, of what it is to be. */
export interface DriftedPart {
  /** A setting of its image, or a step after its installation. */
  readonly kind: 'setting' | 'action';
  /** For example `remote.writeFile`; `network` for the files of the network. */
  readonly action: string;
  /** What it is about; without secrets. */
  readonly note: string;
  readonly state: 'unchanged' | 'would change' | 'cannot tell';
  /** What differs, for people. */
  readonly diff?: string;
  /** Why it cannot be told. */
  readonly why?: string;
}
