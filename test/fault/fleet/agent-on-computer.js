// An agent of a site as a computer of a certain name runs it, with a cache of its own and the state in PostgreSQL. Prints
// what happens on its boards as JSON lines. Told to end, it finishes what it does.
import path from 'node:path';
import { createTuringPi, definePlugin } from '@turingpi/core';
import { Secret } from '@turingpi/core/plugin';
import rk1 from '@turingpi/board-rk1';
import { startFleetAgent } from '@turingpi/fleet-temporal';
import ubuntu from '@turingpi/os-ubuntu';
import provisioning, { declarativeWorkflow, loadConfig } from '@turingpi/provisioning';
import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';

const { host, site, boards, leases, key, ...place } = JSON.parse(process.argv[2]);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const named = {
  id: 'postgres',
  summary: 'The database as a computer of another name uses it.',
  settings: postgresSettings,
  open: (request) => openPostgresState({ ...request, host }),
};
const plugins = [provisioning, rk1, ubuntu, definePlugin({ name: 'named', stateStores: [named] })];

/** Brings a node as far as a step goes: what was done before is found, whoever did it. */
async function bring({ board, node }, { signal, heartbeat }, until) {
  const { input, baseDir, source, placeOf } = await loadConfig(boards[board]);
  const cacheDir = path.join(baseDir, `cache-of-${host}`);
  const origin = { baseDir, source, placeOf, approve: 'all', leases };
  const cluster = await createTuringPi({ ...input, cacheDir, plugins }, origin);
  try {
    let isSkipped = true;
    cluster.subscribe(({ type, ...event }) => {
      heartbeat({ doing: type });
      if (type === 'phase:started') isSkipped = false;
      tell({ board, event: type, ...event });
    });
    const workflow = declarativeWorkflow(cluster, { environment: {} });
    const run = { nodes: [node], until, wait: true, signal };
    const { nodes } = await cluster.runAll(cluster.run(workflow), run);
    if (nodes[0].outcome !== 'completed') throw nodes[0].error;
    const { image_customization: image } = (await cluster.status()).get(node);
    return {
      outcome: isSkipped ? 'skipped' : 'done',
      digests: image.output === undefined ? {} : { image: image.output.sha256 },
      ids: {},
    };
  } catch (error) {
    tell({ board, event: 'step failed', code: error.code, message: error.message });
    throw error;
  } finally {
    await cluster[Symbol.asyncDispose]();
  }
}

const agent = await startFleetAgent({
  ...place,
  keys: [new Secret(key)],
  id: host,
  site,
  steps: {
    plan: () => Promise.resolve([]),
    customise: (task, context) => bring(task, context, 'image'),
    install: (task, context) => bring(task, context, 'install'),
    postInstall: (task, context) => bring(task, context, 'post'),
  },
  logger: { debug() {}, info() {}, warn() {}, error: (_, message) => tell({ event: 'error', message }) },
});
process.once('SIGTERM', () => void agent[Symbol.asyncDispose]());
tell({ event: 'ready' });
await agent.ended;
