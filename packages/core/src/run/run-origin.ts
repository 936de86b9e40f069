/** What the file of a run tells of how it came about. */
export interface RunOrigin {
  /** What was asked for: `up`, `reinstall`. Default: `program`. */
  readonly command?: string;
  /** Version of the program that asks. Default: that of this package. */
  readonly version?: string;
  /** The board is a simulated one. */
  readonly simulated?: boolean;
  /** Remarks that belong to it, made before it began. */
  readonly notes?: readonly string[];
  /** Told when it has an id and, where it can be written, a file. */
  readonly onStart?: (run: { readonly id: string; readonly file: string }) => void;
  /** Told when it is about to stop before its end, and who asks for that: see `run:cancelling`. */
  readonly onCancelling?: (by: string) => void;
}
