import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { StepContext } from '@turingpi/fleet/orchestrator';
import { untilWorkflowEnds } from '../client/until-workflow-ends.js';

/** Holds what would begin on a site that is drained. */
export class SiteGate {
  /** @param id - of the workflow that is there for as long as the site is drained */
  constructor(
    private readonly client: Client,
    private readonly id: string,
  ) {}

  async isDrained(): Promise<boolean> {
    try {
      const { status } = await this.client.workflow.getHandle(this.id).describe();
      return status.name === 'RUNNING';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** @throws The signal's reason. */
  async untilOpen({ signal, heartbeat }: StepContext): Promise<void> {
    while (await this.isDrained()) {
      heartbeat({ doing: 'the site is drained' });
      await untilWorkflowEnds(this.client, this.id, signal);
    }
    signal.throwIfAborted();
  }
}
