import { readFile } from 'node:fs/promises';
import { silentLogger } from '@turingpi/core';
import { Secret } from '@turingpi/core/plugin';
import type { StepName } from '@turingpi/fleet/orchestrator';
import { type NodeId, nodeName } from '@turingpi/foundation';
import { ClientSshRuntime } from '@turingpi/runtime';
import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';
import { ACTIONS, type LabBoard, markOf } from './lab-board.js';

const PHASES = ['image_customization', 'os_installation', 'post_installation'] as const;
const { signal: forever } = new AbortController();

/** Where the records are. */
export interface LabRecords {
  readonly url: string;
  readonly secretsKey: string;
}

/**
 * What is wrong with a node of which a rollout says that it is done: by its disk, its records, and the node itself.
 *
 * @param lost - the steps in which agents were lost: the action that one was at may have been done twice, and a flash is begun
 * again, although the board may have brought the one before to its end by itself
 */
export async function wrongNode(
  lab: LabBoard,
  node: NodeId,
  { url, secretsKey }: LabRecords,
  lost: readonly StepName[],
): Promise<readonly string[]> {
  const { name, folder, board, watch } = lab;
  const wrong: string[] = [];
  const countOf = (step: StepName) => lost.filter((each) => each === step).length;
  const settings = postgresSettings.parse({ url, secretsKey, cluster: name });
  await using store = await openPostgresState({
    ...{
      settings,
      stateFile: '/lab.json',
      baseDir: '/',
      environment: {},
      logger: silentLogger,
      host: 'judge',
    },
  });
  const record = (await store.load())[nodeName(node)];
  for (const phase of PHASES)
    if (record?.[phase]?.status !== 'completed')
      wrong.push(`${phase} is on record as ${record?.[phase]?.status}`);
  const journal = await store.journal(nodeName(node), 'post_installation');
  if (journal.length !== ACTIONS.length) wrong.push(`${journal.length} actions are in the journal`);
  const { emmc = '', ssh } = board.nodes[node - 1]!;
  if (!(await readFile(emmc)).includes(markOf(name, node))) wrong.push('its disk is not what was asked for');
  const [begun = 0, done = 0] = [watch.begun.get(node), watch.done.get(node)];
  if (done < 1 || begun > 1 + countOf('install')) wrong.push(`of ${begun} flashes ${done} came to their end`);
  const output = record?.os_installation?.output as { readonly hostKeys: readonly string[] } | undefined;
  try {
    const privateKey = new Secret(await readFile(folder.privateKeyFile, 'utf8'));
    await using session = await new ClientSshRuntime().connect(
      {
        ...{ host: ssh!.host, port: ssh!.port, username: 'admin', hostKeys: [...(output?.hostKeys ?? [])] },
        auth: { privateKey },
      },
      { signal: forever },
    );
    const text = (await session.readFile('/etc/steps', { signal: forever, sudo: true })).toString();
    const steps = text.trim().split('\n').map(Number);
    const most = ACTIONS.length + countOf('postInstall');
    const isInOrder = steps.every((step, index) => step >= (steps[index - 1] ?? 0));
    if (!isInOrder || new Set(steps).size !== ACTIONS.length || steps.length > most)
      wrong.push(`the actions were done as ${steps.join()}`);
  } catch (error) {
    wrong.push(`it cannot be asked: ${(error as Error).message}`);
  }
  return wrong.map((what) => `${name}/${node}: ${what}`);
}
