import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { AgentStatus } from '@turingpi/fleet/orchestrator';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** What an agent is called by Temporal. */
export function identityOf({ id, site }: Pick<AgentStatus, 'id' | 'site'>): string {
  return `${site}/${id}`;
}

/** As our agents are called: site and name. Others may wait there as well, and call themselves whatever steers a terminal. */
const IDENTITY = /^([a-z0-9][a-z0-9-]{0,62})\/([^\p{C}\p{Zl}\p{Zp}]{1,255})$/u;

/** The agents that have waited at a queue in the last minutes. */
export async function agentsWaiting(client: Client, queue: string): Promise<readonly AgentStatus[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  });
  return pollers.flatMap(({ identity, lastAccessTime }) => {
    const [, site, id] = IDENTITY.exec(identity ?? '') ?? [];
    if (site === undefined || id === undefined) return [];
    return [{ id, site, seenAt: new Date(Number(lastAccessTime?.seconds ?? 0) * 1000).toISOString() }];
  });
}
