import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Client, Connection } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import { Secret } from '@turingpi/core/plugin';
import { listedWorkflows } from '../client/listed-workflows.js';

const { History } = proto.temporal.api.history.v1;

/** Seals what is kept in the repository: of tests alone, and no secret. */
export const KEPT_KEY = new Secret(Buffer.alloc(32, 'kept').toString('base64'));

/** Of one workflow. */
export interface KeptHistory {
  readonly workflowId: string;
  readonly history: temporal.api.history.v1.History;
}

/** Writes the histories that a server has into a file: a line for each workflow, its id and its history as Temporal writes it. */
export async function keepHistories(address: string, file: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const known = new Set<string>();
    const lines: string[] = [];
    for await (const { workflowId, runId } of listedWorkflows(client)) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      const course = history.events?.map(({ eventType }) => eventType).join() ?? '';
      if (known.has(course)) continue; // it would show nothing new
      known.add(course);
      const bytes = History.encode(history).finish();
      lines.push(`${workflowId} ${Buffer.from(bytes).toString('base64')}\n`);
    }
    await writeFile(file, gzipSync(lines.join('')));
  } finally {
    await connection.close();
  }
}

/** Reads such a file. */
export async function readHistories(file: string): Promise<readonly KeptHistory[]> {
  const lines = gunzipSync(await readFile(file))
    .toString()
    .trim()
    .split('\n');
  return lines.map((line) => {
    const [workflowId = '', text = ''] = line.split(' ');
    return { workflowId, history: History.decode(Buffer.from(text, 'base64')) };
  });
}
