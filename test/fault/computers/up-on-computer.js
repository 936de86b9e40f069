// `turingpi up` of some nodes as a computer of another name runs it, with a cache of its own and the state in PostgreSQL.
// Prints the events as JSON lines.
import path from 'node:path';
import { createTuringPi, definePlugin } from '@turingpi/core';
import rk1 from '@turingpi/board-rk1';
import artifacts from '@turingpi/artifacts';
import ubuntu from '@turingpi/os-ubuntu';
import provisioning, { declarativeWorkflow, loadConfig } from '@turingpi/provisioning';
import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';

const [, , configFile, given] = process.argv;
const { host, nodes, until, boardPort, leases } = JSON.parse(given);

const named = {
  id: 'postgres',
  summary: 'The database as a computer of another name uses it.',
  settings: postgresSettings,
  open: (request) => openPostgresState({ ...request, host }),
};

const { input, baseDir, source, placeOf } = await loadConfig(configFile);
const plugins = [provisioning, rk1, ubuntu, artifacts, definePlugin({ name: 'named', stateStores: [named] })];
const own = { cacheDir: path.join(baseDir, `cache-of-${host}`), bmc: { ...input.bmc, port: boardPort } };
const cluster = await createTuringPi(
  { ...input, ...own, plugins },
  { baseDir, source, placeOf, approve: 'all', leases },
);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
cluster.subscribe(({ type, ...event }) => tell({ event: type, ...event }));
const workflow = declarativeWorkflow(cluster, { environment: {} });
const { completed } = await cluster.runAll(cluster.run(workflow), { nodes, ...(until && { until }) });
await cluster[Symbol.asyncDispose]();
process.exitCode = completed ? 0 : 5;
