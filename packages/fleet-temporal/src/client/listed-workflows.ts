import type { Client } from '@temporalio/client';

/**
 * The ids of workflows that fit a query, newest first.
 *
 * @remarks Not by the client's own list: that one reads notes of each workflow, and ends at the first that nobody here can read.
 */
export async function* listedWorkflows(
  { workflowService, options: { namespace } }: Client,
  query = '',
): AsyncGenerator<{ readonly workflowId: string; readonly runId: string }, void, void> {
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await workflowService.listWorkflowExecutions({
      ...{ namespace, query },
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    for (const { execution } of page.executions)
      yield { workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '' };
    nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
}
