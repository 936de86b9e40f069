import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { PHASES } from '../phase/phase.js';
import { bundleForChild } from '../state/bundle-for-child.fixture.js';
import { createTuringPi } from './create-turing-pi.js';
import { killableConfig, killableWorkflow } from './killable-workflow.fixture.js';
import { temporaryDirectory } from './sample-cluster.fixture.js';

describe('a process that is killed', () => {
  it('in any phase is told as a crash by the next one, which completes', async () => {
    const child = await bundleForChild(new URL('hang-in-phase.fixture.ts', import.meta.url));
    for (const phase of PHASES) {
      const directory = await temporaryDirectory();
      const running = spawn(process.execPath, [child, directory, phase], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(running.stdout, 'data');
      const cluster = await createTuringPi(killableConfig(directory), { approve: 'all' });
      expect((await cluster.status()).get(1)?.[phase]).toMatchObject({
        status: 'running',
        owner: { pid: running.pid },
      });

      const entered: string[] = [];
      const workflow = killableWorkflow({ enter: async (place) => void entered.push(place) });
      // While it lives, nobody else may run the same phase.
      await expect(cluster.run(workflow)(1)).rejects.toMatchObject({ code: 'PHASE_ALREADY_RUNNING' });
      running.kill('SIGKILL');
      await once(running, 'exit');

      const reasons: string[] = [];
      cluster.subscribe((event) => {
        if (event.type === 'phase:started') reasons.push(`${event.phase}: ${event.reason}`);
      });
      entered.length = 0;
      await cluster.run(workflow)(1);
      expect(reasons[0]).toBe(`${phase}: previous run crashed`);
      // Nothing that was completed is done again, not even the first action of the last phase.
      const places = ['image_customization', 'os_installation', 'first action', 'post_installation'];
      expect(entered).toEqual(places.slice(places.indexOf(phase)));
      for (const record of Object.values((await cluster.status()).get(1)!))
        expect(record.status).toBe('completed');
    }
  });
});
