// `turingpi up` as another computer with the same store of the state runs it: its processes are strangers to everybody else,
// and leases end soon. Prints the events as JSON lines.
import { createTuringPi, definePlugin, FileStateStore } from '@turingpi/core';
import rk1 from '@turingpi/board-rk1';
import ubuntu from '@turingpi/os-ubuntu';
import provisioning, { declarativeWorkflow, loadConfig } from '@turingpi/provisioning';

const [, , configFile, host] = process.argv;
const LEASES = { beatMs: 300, staleMs: 3000, lookMs: 100 };

class SharedStore {
  id = 'shared';
  summary = 'The file of the state as a computer of another name uses it.';

  open({ stateFile, logger, now, timings }) {
    return new FileStateStore(stateFile, { logger, now, timings, host });
  }
}

const { input, baseDir, source, placeOf } = await loadConfig(configFile);
const shared = definePlugin({ name: 'shared', stateStores: [SharedStore] });
const plugins = [provisioning, rk1, ubuntu, shared];
const cluster = await createTuringPi(
  { ...input, plugins, stateStore: 'shared' },
  { baseDir, source, placeOf, approve: 'all', leases: LEASES },
);
cluster.subscribe(({ type, ...event }) =>
  process.stdout.write(`${JSON.stringify({ event: type, ...event })}\n`),
);
const workflow = declarativeWorkflow(cluster, { environment: {} });
const { completed } = await cluster.runAll(cluster.run(workflow));
await cluster[Symbol.asyncDispose]();
process.exitCode = completed ? 0 : 5;
