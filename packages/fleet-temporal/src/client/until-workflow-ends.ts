import { type Client, WorkflowContinuedAsNewError, WorkflowFailedError } from '@temporalio/client';
import { askUntil } from './ask-until.js';

/**
 * Waits until a workflow has ended, whatever its end is.
 *
 * @throws The signal's reason; what keeps the server from being asked.
 */
export async function untilWorkflowEnds(client: Client, id: string, signal: AbortSignal): Promise<void> {
  try {
    await askUntil(client, signal, () => client.workflow.getHandle(id).result());
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WorkflowFailedError || error instanceof WorkflowContinuedAsNewError)) throw error;
  }
}
