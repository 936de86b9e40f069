import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { CleanupStack, Secret, silentLogger } from '@turingpi/core/plugin';
import { ScriptedSteps } from '@turingpi/fleet/conformance';
import { startFleetAgent, startFleetController, TemporalOrchestrator } from '@turingpi/fleet-temporal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/*
 * What an authorizer of a Temporal server can do for queues, with the server of rights-server/, which is built by hand:
 *
 *   (cd test/fleet/rights-server && go build -o /tmp/rights-server .)
 *   RIGHTS_SERVER=/tmp/rights-server npx vitest run test/fleet/queue-rights.system.test.ts
 */
const PROGRAM = process.env['RIGHTS_SERVER'];
const PATIENCE = () => AbortSignal.timeout(50_000);
const TOKENS = { 'token-of-fleet': 'fleet', 'token-of-north': 'site north', 'token-of-south': 'site south' };
/** Of gRPC. */
const PERMISSION_DENIED = 7;

describe.skipIf(PROGRAM === undefined)('a Temporal server with rights for each queue', () => {
  const cleanup = new CleanupStack();
  const keys = [new Secret(randomBytes(32).toString('base64'))] as const;
  const [north, south] = [new ScriptedSteps(), new ScriptedSteps()];
  let place: { readonly address: string; readonly namespace: string };
  let orchestrator: TemporalOrchestrator;
  const as = (token: keyof typeof TOKENS) => ({
    ...{ ...place, fleet: 'labs', keys, logger: silentLogger, planBeginsWithinMs: 3000 },
    token: new Secret(token),
  });

  beforeAll(async () => {
    const environment = { ...process.env, FLEET: 'labs', RIGHTS: JSON.stringify(TOKENS) };
    const child = spawn(PROGRAM!, [], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    cleanup.defer('server', () => void child.kill('SIGKILL'));
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const [address = '', namespace = ''] = line.split(' ');
    place = { address, namespace };
    orchestrator = cleanup.use('orchestrator', await TemporalOrchestrator.connect(as('token-of-fleet')));
    cleanup.use('controller', await startFleetController(as('token-of-fleet')));
    const agent = { ...as('token-of-north'), id: 'one', site: 'north', steps: north };
    cleanup.use('agent', await startFleetAgent(agent));
  }, 120_000);
  afterAll(() => cleanup[Symbol.asyncDispose]());

  /** Asks the server something with a token, or without. */
  const asking = async (token: string | undefined, ask: (client: Client) => Promise<unknown>) => {
    const { address, namespace } = place;
    const credentials = token === undefined ? {} : { apiKey: token };
    const connection = await Connection.connect({ address, tls: false, ...credentials });
    try {
      return await ask(new Client({ connection, namespace }));
    } finally {
      await connection.close();
    }
  };

  it('lets the agents of a site work', async () => {
    const limits = { customise: 1, install: 1, postInstall: 1 };
    await orchestrator.start({
      ...{ id: 'first', sites: [{ id: 'north', limits }], reinstall: false },
      boards: [{ board: 'lab1', site: 'north', nodes: [{ node: 1, plan: '1'.repeat(64) }] }],
      policy: { atOnce: 1, windows: [], retry: { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 } },
    });
    expect((await orchestrator.ended('first', PATIENCE())).outcome).toBe('completed');
    expect(north.begun).toHaveLength(3);
  }, 60_000);

  it('hands no task of another site to an agent, whatever it says it serves', async () => {
    const wrong = await startFleetAgent({ ...as('token-of-north'), id: 'two', site: 'south', steps: south });
    wrong.ended.catch(() => undefined);
    const ask = () => orchestrator.plan('south', { board: 'lab2', reinstall: false }, PATIENCE());
    await expect(ask()).rejects.toMatchObject({ code: 'AGENT_MISSING' });
    await wrong[Symbol.asyncDispose]().catch(() => undefined);
    const right = { ...as('token-of-south'), id: 'three', site: 'south', steps: south };
    cleanup.use('right', await startFleetAgent(right));
    expect(await ask()).toHaveLength(1);
  }, 120_000);

  it.each(['token-of-north', 'token-of-nobody', undefined])(
    'lets who comes with %s begin, see and end nothing',
    async (token) => {
      const namespace = () => place.namespace;
      const asked: readonly ((client: Client) => Promise<unknown>)[] = [
        ({ workflow }) =>
          workflow.start('rolloutWorkflow', { workflowId: 'labs/rollout/mine', taskQueue: 'labs.fleet' }),
        ({ workflow }) => workflow.getHandle('labs/rollout/first').terminate(),
        ({ workflow }) => workflow.getHandle('labs/rollout/first').fetchHistory(),
        ({ workflowService }) => workflowService.listWorkflowExecutions({ namespace: namespace() }),
        ({ connection, workflowService }) =>
          connection.withDeadline(Date.now() + 5000, () =>
            workflowService.pollWorkflowTaskQueue({
              namespace: namespace(),
              taskQueue: { name: 'labs.fleet' },
            }),
          ),
      ];
      for (const [index, ask] of asked.entries()) {
        const error: unknown = await asking(token, ask).catch((reason: unknown) => reason);
        const { code, cause } = error as { code?: number; cause?: { code?: number } };
        expect(code ?? cause?.code, `question ${index}`).toBe(PERMISSION_DENIED);
      }
    },
    60_000,
  );
});
