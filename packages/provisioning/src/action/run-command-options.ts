export interface RunCommandOptions {
  /** Written to the command's standard input. */
  readonly input?: string;
  /** Milliseconds; default 10 minutes. */
  readonly timeoutMs?: number;
  /** Return a non-zero exit code instead of throwing. */
  readonly allowFailure?: boolean;
  /** Run as root through sudo where the login user is not root. Default true on the node. */
  readonly sudo?: boolean;
}
