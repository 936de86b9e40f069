export interface RunCommandOptions {
  /** Written to the command's standard input. */
  readonly input?: string | undefined;
  /** Milliseconds; default 10 minutes. */
  readonly timeoutMs?: number | undefined;
  /** Return a non-zero exit code instead of throwing. */
  readonly allowFailure?: boolean | undefined;
  /** Run as root through sudo where the login user is not root. Default true on the node. */
  readonly sudo?: boolean | undefined;
}

/** What can be said of a command on a node besides: whether it is to run at all, and whether it may do so again. */
export interface RunOnNodeOptions extends RunCommandOptions {
  /** A user of the node, as whom it runs, in their home directory. Default: root, or the login user without `sudo`. */
  readonly user?: string | undefined;
  /** Working directory. Default: the home directory. */
  readonly cwd?: string | undefined;
  /** Environment variables besides those that are there. Their values are on record nowhere. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A path of the node: where it is there, the command has been run already, and is not run. */
  readonly creates?: string | undefined;
  /** A command line, or a program with its arguments: where it succeeds, the command is not run. */
  readonly unless?: string | readonly string[] | undefined;
  /** The exit codes that mean success. Default: 0. */
  readonly exitCodes?: readonly number[] | undefined;
  /**
   * What becomes of it when it was done on this very installation already, and an action before it has changed. Default:
   * `run` where `creates` or `unless` looks first; else `ask`.
   */
  readonly onRepeat?: 'run' | 'ask' | undefined;
  /** A name: under it a command runs once in an installation, whatever changes before it or in it. */
  readonly once?: string | undefined;
}
