import { type Client, WorkflowContinuedAsNewError, WorkflowFailedError } from '@temporalio/client';

/**
 * Waits until a workflow has ended, whatever its end is.
 *
 * @throws The signal's reason; what keeps the server from being asked.
 */
export async function untilWorkflowEnds(client: Client, id: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    await client.withAbortSignal(signal, () => client.workflow.getHandle(id).result());
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WorkflowFailedError || error instanceof WorkflowContinuedAsNewError)) throw error;
  }
}
