import { randomUUID } from 'node:crypto';
import { CleanupStack, silentLogger } from '@turingpi/core/plugin';
import { orchestratorCases, type SubjectAgent } from '@turingpi/fleet/conformance';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { requireTemporal, TemporalServer } from '../../../bench/fleet/temporal-server.js';
import { KEPT_KEY, keepHistories } from './history/kept-histories.fixture.js';
import { TemporalOrchestrator } from './temporal-orchestrator.js';
import { startFleetAgent } from './worker/fleet-agent.js';
import { startFleetController } from './worker/fleet-controller.js';
import { USUAL_TIMINGS } from './workflow/step-timings.js';

const { missing } = requireTemporal();

describe.skipIf(missing)('an orchestrator on Temporal', () => {
  let server: TemporalServer;
  beforeAll(async () => {
    server = await TemporalServer.start();
  });
  afterAll(async () => {
    const kept = process.env['KEEP_HISTORIES'];
    if (kept !== undefined) await keepHistories(server.address, kept);
    await server[Symbol.asyncDispose]();
  });

  const open = async (agents: readonly SubjectAgent[]) => {
    const options = {
      ...{ address: server.address, fleet: `labs-${randomUUID()}`, logger: silentLogger },
      keys: [KEPT_KEY] as const,
      timings: { ...USUAL_TIMINGS, lostAfterMs: 4000 },
      planBeginsWithinMs: 1000,
    };
    await using opening = new CleanupStack();
    const orchestrator = opening.use('orchestrator', await TemporalOrchestrator.connect(options));
    opening.use('controller', await startFleetController(options));
    for (const agent of agents) opening.use(agent.id, await startFleetAgent({ ...options, ...agent }));
    const opened = opening.move();
    return { orchestrator, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  };

  for (const { name, run } of orchestratorCases({ open })) it(name, run);
});
