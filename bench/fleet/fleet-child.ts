// The controller, or an agent whose steps are timers, in a process of its own. The agent answers a line with how long each
// step that nothing held up has begun after the one before it ended, in milliseconds.
import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { Secret, silentLogger } from '@turingpi/core/plugin';
import { startFleetAgent, startFleetController } from '@turingpi/fleet-temporal';
import type { SiteLimits, StepResult, StepTask } from '@turingpi/fleet/orchestrator';

interface Given {
  readonly what: 'controller' | 'agent';
  readonly key: string;
  readonly address: string;
  readonly fleet: string;
  readonly limits: SiteLimits;
}

const STEP_MS = 50;

const { what, key, limits, ...place } = JSON.parse(process.argv[2] ?? '{}') as Given;
const options = { ...place, keys: [new Secret(key)] as const, logger: silentLogger };
const ended = new Map<string, number>();
const gaps: number[] = [];

const timer = async (): Promise<StepResult> => {
  await sleep(STEP_MS);
  return { outcome: 'done', digests: {}, ids: {} };
};
const nameOf = ({ board, node }: StepTask) => `${board}/${node}`;

if (what === 'controller') await startFleetController(options);
else
  await startFleetAgent({
    ...{ ...options, limits, id: 'bench', site: 'bench' },
    steps: {
      plan: () => Promise.resolve([]),
      customise: timer,
      install: async (task) => {
        const result = await timer();
        ended.set(nameOf(task), performance.now());
        return result;
      },
      postInstall: (task) => {
        gaps.push(performance.now() - (ended.get(nameOf(task)) ?? NaN));
        return timer();
      },
    },
  });
createInterface({ input: process.stdin }).on('line', () => process.stdout.write(`${JSON.stringify(gaps)}\n`));
process.stdout.write('ready\n');
