import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { silentLogger } from '@turingpi/core/plugin';
import { describe, expect, it } from 'vitest';
import { dataConverterOf } from '../client/fleet-connection.js';
import { bundleWorkflows } from '../worker/bundle-workflows.js';
import { useLogger } from '../worker/use-logger.js';
import { KEPT_KEY, readHistories } from './kept-histories.fixture.js';

const FOLDER = path.join(import.meta.dirname, 'kept');

/*
 * What a controller of an earlier version has begun is gone on with by this one. Red here means that a rollout which runs
 * while controllers are updated would stand still: see docs/fleet/temporal.md, "New versions".
 */
describe('the workflows', () => {
  it('go on with what every version before has begun', async () => {
    useLogger(silentLogger);
    const options = {
      workflowBundle: await bundleWorkflows(),
      dataConverter: dataConverterOf({ keys: [KEPT_KEY] }),
    };
    const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.fixture.gz'));
    expect(files).toContain('0.1.0.fixture.gz');
    for (const file of files) {
      const histories = await readHistories(path.join(FOLDER, file));
      let replayed = 0;
      for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
        expect(error, `${file}: ${workflowId}`).toBeUndefined();
        replayed += 1;
      }
      expect(replayed).toBe(histories.length);
    }
  }, 120_000);
});
