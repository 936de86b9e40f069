/** What the commands about nodes have in common. */
export interface NodeCommandOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}
