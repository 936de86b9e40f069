import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { AgentStatus } from '@turingpi/fleet/orchestrator';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** What an agent is called by Temporal. */
export function identityOf({ id, site }: Pick<AgentStatus, 'id' | 'site'>): string {
  return `${site}/${id}`;
}

/** The agents that have waited at a queue in the last minutes. */
export async function agentsWaiting(client: Client, queue: string): Promise<readonly AgentStatus[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  });
  return pollers.map(({ identity, lastAccessTime }) => {
    const [site = '', ...id] = (identity ?? '').split('/');
    const seenAt = new Date(Number(lastAccessTime?.seconds ?? 0) * 1000).toISOString();
    return { id: id.join('/'), site, seenAt };
  });
}
