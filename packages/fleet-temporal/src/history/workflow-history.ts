import type { Client } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import { askUntil } from '../client/ask-until.js';

/** An event of the history of a workflow, as the server has it: payloads in it are encrypted. */
export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const { EventType } = proto.temporal.api.enums.v1;
const CLOSED: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
]);

/**
 * Reads the history of a workflow from its first run on, as it grows, until it has ended.
 *
 * @param follow - false: what is there now is all that is wanted
 * @throws WorkflowNotFoundError of the client, as gRPC's `NOT_FOUND`; the signal's reason.
 */
export async function* workflowHistory(
  client: Client,
  workflowId: string,
  { follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal },
): AsyncGenerator<HistoryEvent, void, void> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  let runId: string | undefined = raw.workflowExecutionInfo?.firstRunId ?? undefined;
  while (runId !== undefined) {
    const events = runHistory(client, { workflowId, runId }, { follow, signal });
    runId = undefined;
    for await (const event of events) {
      yield event;
      if (CLOSED.has(event.eventType ?? 0)) return;
      runId = event.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
    }
  }
}

async function* runHistory(
  client: Client,
  execution: { readonly workflowId: string; readonly runId: string },
  { follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal },
): AsyncGenerator<HistoryEvent, void, void> {
  const { workflowService } = client;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await askUntil(client, signal, () =>
      workflowService.getWorkflowExecutionHistory({
        namespace: client.options.namespace,
        execution,
        waitNewEvent: follow,
        ...(nextPageToken === undefined ? {} : { nextPageToken }),
      }),
    );
    yield* page.history?.events ?? [];
    nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
}
