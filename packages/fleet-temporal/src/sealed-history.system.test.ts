import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { CleanupStack, ConfigError, PhaseError, Secret, silentLogger } from '@turingpi/core/plugin';
import type { Rollout } from '@turingpi/fleet/orchestrator';
import { ScriptedSteps } from '@turingpi/fleet/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTemporal, TemporalServer } from '../../../bench/fleet/temporal-server.js';
import { holdsWord } from '../../../test/support/site/holds-word.js';
import { TemporalOrchestrator } from './temporal-orchestrator.js';
import { startFleetAgent } from './worker/fleet-agent.js';
import { startFleetController } from './worker/fleet-controller.js';

const { missing } = requireTemporal();
const { GetWorkflowExecutionHistoryResponse } = proto.temporal.api.workflowservice.v1;
const newKey = () => new Secret(randomBytes(32).toString('base64'));

describe.skipIf(missing)('what Temporal gets to know', () => {
  let server: TemporalServer;
  let raw: Client;
  const cleanup = new CleanupStack();
  /** A word that may be found nowhere, in several places of what a step says. */
  const secret = `planted-${randomUUID()}`;
  const readable = `in-clear-${randomUUID()}`;
  const options = () => ({
    ...{ address: server.address, fleet: 'sealed', keys: [newKey()] as const, logger: silentLogger },
  });

  class TellingSteps extends ScriptedSteps {
    override plan(): Promise<never> {
      return Promise.reject(new ConfigError('CONFIG_INVALID', `the plan says ${secret}`, { hint: secret }));
    }

    override async customise(...[task, context]: Parameters<ScriptedSteps['customise']>) {
      context.heartbeat({ doing: `writing ${secret}`, part: 0.5 });
      const result = await super.customise(task, context);
      return { ...result, ids: { installation: secret } };
    }

    override install(): Promise<never> {
      const error = new PhaseError('PHASE_INPUT_MISSING', `the board says ${secret}`, { hint: secret });
      error.stack = `${error.stack}\n    at ${secret} (file.js:1:1)`;
      return Promise.reject(error);
    }
  }

  beforeAll(async () => {
    server = cleanup.use('server', await TemporalServer.start());
    const connection = await Connection.connect({ address: server.address });
    cleanup.defer('connection', () => connection.close());
    raw = new Client({ connection });
    const given = options();
    const orchestrator = cleanup.use('orchestrator', await TemporalOrchestrator.connect(given));
    cleanup.use('controller', await startFleetController(given));
    const agent = { id: 'one', site: 'here', steps: new TellingSteps() };
    cleanup.use('agent', await startFleetAgent({ ...given, ...agent }));
    const rollout: Rollout = {
      id: 'telling',
      sites: [{ id: 'here', limits: { customise: 1, install: 1, postInstall: 1 } }],
      boards: [{ board: 'lab1', site: 'here', nodes: [{ node: 1, plan: secret }] }],
      reinstall: false,
      policy: { atOnce: 1, windows: [], retry: { attempts: 2, firstDelayMs: 1, maxDelayMs: 1 } },
    };
    await orchestrator.start(rollout);
    const { boards } = await orchestrator.ended('telling', AbortSignal.timeout(50_000));
    expect(boards[0]?.nodes[0]?.failure?.message).toContain(secret); // it is told to those who have the key
    const planned = orchestrator.plan(
      'here',
      { board: 'lab1', reinstall: false },
      AbortSignal.timeout(50_000),
    );
    await expect(planned).rejects.toMatchObject({ code: 'STEP_FAILED' });
    // So that it is known that a search finds what is there.
    await raw.workflow.start('nobody', { workflowId: readable, taskQueue: 'nobody', args: [readable] });
  }, 120_000);
  afterAll(() => cleanup[Symbol.asyncDispose]());

  it('has no secret in any history, results, progress and failures with their stack traces included', async () => {
    const found = { secret: 0, readable: 0, failures: 0 };
    const { workflowService } = raw;
    const { executions } = await workflowService.listWorkflowExecutions({ namespace: 'default' });
    for (const { execution } of executions) {
      if (execution == null) continue;
      const page = await workflowService.getWorkflowExecutionHistory({ namespace: 'default', execution });
      const bytes = Buffer.from(GetWorkflowExecutionHistoryResponse.encode(page).finish());
      if (holdsWord(bytes, secret)) found.secret += 1;
      if (holdsWord(bytes, readable)) found.readable += 1;
      const events = page.history?.events ?? [];
      found.failures += events.filter((event) => event.activityTaskFailedEventAttributes != null).length;
    }
    expect(found).toEqual({ secret: 0, readable: 1, failures: 3 });
  });

  it('has none in its database, nor in what is about to be written to it', async () => {
    await server.kill(); // while it runs, a journal is there at one moment and gone at the next
    const files = await readdir(server.folder);
    const contents = await Promise.all(files.map((name) => readFile(path.join(server.folder, name))));
    await server.begin();
    expect(contents.some((bytes) => holdsWord(bytes, readable))).toBe(true);
    expect(contents.filter((bytes) => holdsWord(bytes, secret))).toEqual([]);
  });

  it('is of no use to who has another key', async () => {
    await using other = await TemporalOrchestrator.connect({ ...options() });
    await expect(other.ended('telling', AbortSignal.timeout(50_000))).rejects.toMatchObject({
      code: 'FLEET_PAYLOAD_UNREADABLE',
    });
  });
});
