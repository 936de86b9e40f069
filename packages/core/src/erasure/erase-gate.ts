import type { Erasure, NodeId } from '@turingpi/foundation';
import { type EraseApproval, isApproved, isApprover } from './erase-approval.js';
import { EraseMeeting } from './erase-meeting.js';

/** Where the nodes of a board come to have their erasures approved. */
export class EraseGate {
  /** The installation that each node had when the run first looked, or that the run has made: approvals are about these. */
  readonly installations = new Map<NodeId, string | undefined>();

  /**
   * @param meeting - where those wait who are asked about together
   * @param board - its name, where there are several
   */
  constructor(
    private readonly approval: EraseApproval,
    private readonly meeting = new EraseMeeting(),
    private readonly board?: string,
  ) {}

  /** Whether the answer depends on what is known of a disk; else nobody needs to be asked at the node's address. */
  get looksAtEvidence(): boolean {
    return this.approval === 'new' || typeof this.approval === 'function' || isApprover(this.approval);
  }

  /** Announces a node that may come. */
  expect(node: NodeId): void {
    if (isApprover(this.approval)) this.meeting.expect(node, this.board);
  }

  /** Tells that a node will not come: it has nothing to erase, or ended. */
  release(node: NodeId): Promise<void> {
    return this.meeting.release(node, this.board);
  }

  /** @returns Whether the erasure is approved. */
  async request(erasure: Erasure, signal: AbortSignal): Promise<boolean> {
    if (!isApprover(this.approval)) return isApproved(this.approval, erasure);
    return this.meeting.request(erasure, this.approval, signal);
  }
}
