import type { NodeId } from '@turingpi/foundation';

/** What an operator allows: that this disk, of which this is known, is erased for this plan. */
export interface ApprovalStatement {
  readonly version: 1;
  /** Name of the fleet. */
  readonly fleet: string;
  /** Unique; a second use is refused. */
  readonly id: string;
  /** Name of the operator in the fleet file. */
  readonly operator: string;
  readonly board: string;
  /** The board's identity; missing where it did not tell it. */
  readonly identity?: string;
  readonly node: NodeId;
  /** Digest of what the node is to become, 64 digits hex. */
  readonly plan: string;
  readonly disk: string;
  readonly evidence: 'new' | 'interrupted' | 'unknown' | 'installed';
  /** Id of the installation that may be lost. */
  readonly installation?: string;
  /** ISO 8601. */
  readonly at: string;
  /** ISO 8601: not used from then on. */
  readonly until: string;
}

/** An approval with its signature: agents check it, and trust nobody who brings it. */
export interface SignedApproval {
  readonly statement: ApprovalStatement;
  /** Ed25519 over the canonical JSON of the statement, base64. */
  readonly signature: string;
}
