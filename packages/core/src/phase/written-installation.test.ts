import { expect, it } from 'vitest';
import {
  imageStep,
  installationStep,
  SAMPLE_INSTALLATION,
  sampleCluster,
} from '../cluster/sample-cluster.fixture.js';
import type { Workflow } from '../cluster/workflow.js';

type ImageInputs = Parameters<typeof imageStep>[0];

/** Writes a disk, and calls `boot` where a node would come up. */
function installing(
  log: string[],
  boot: (signal: AbortSignal, forget: () => Promise<void>) => unknown = () => undefined,
  { image = {}, inputs = 'image' }: { readonly image?: ImageInputs; readonly inputs?: string } = {},
): Workflow {
  return async (context) => {
    await context.runPhase(
      imageStep({ ...image, run: async () => (log.push('image'), imageStep().run(undefined as never)) }),
    );
    await context.runPhase(
      installationStep({
        inputs,
        run: async ({ permit, written, hasWritten, signal }) => {
          if (written === undefined) {
            await permit!.begin(permit!.erasure);
            log.push('write');
            await hasWritten(SAMPLE_INSTALLATION);
          }
          log.push('boot');
          await boot(signal, () => hasWritten(undefined));
          return written ?? SAMPLE_INSTALLATION;
        },
      }),
    );
  };
}

const isStopped = (signal: AbortSignal) =>
  new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );

/** A node whose disk is written, and whose run was stopped before the node was up. */
async function stopped() {
  const asked: number[] = [];
  const approve = async ({ node }: { readonly node: number }) => (asked.push(node), true);
  const sample = await sampleCluster({}, { approve });
  const log: string[] = [];
  const stop = new AbortController();
  const workflow = installing(log, (signal) => {
    const waits = isStopped(signal);
    stop.abort();
    return waits;
  });
  const { cluster } = sample;
  const { nodes } = await cluster.runAll(cluster.run(workflow), { nodes: [1], signal: stop.signal });
  expect(nodes[0]).toMatchObject({ outcome: 'aborted' });
  expect(log.splice(0)).toEqual(['image', 'write', 'boot']);
  const run = (next: Workflow, options = {}) => cluster.runAll(cluster.run(next), { nodes: [1], ...options });
  return { ...sample, log, run, asked };
}

it('a run that was stopped after a disk was written goes on from there', async () => {
  const node = await stopped();
  const { cluster, log, run, asked } = node;
  const gone = { image: { stands: () => Promise.resolve(false) } }; // the file of the image is not needed any more
  const plan = await cluster.plan(installing([], undefined, gone), { nodes: [1] });
  const planned = plan.nodes[0]!.phases.map(({ phase, decision, erases }) => ({ phase, decision, erases }));
  expect(planned.slice(0, 2)).toEqual([
    { phase: 'image_customization', decision: 'skip', erases: undefined },
    { phase: 'os_installation', decision: 'run', erases: undefined },
  ]);
  expect(await run(installing(log, undefined, gone))).toMatchObject({ completed: true });
  expect(log).toEqual(['boot']);
  expect(asked, 'nothing more is erased').toEqual([1]);
  const record = (await node.state()).Node1?.os_installation;
  expect(record).toMatchObject({ status: 'completed', image: {}, installation_id: 'installation-1' });
  expect(record?.written).toBeUndefined();
});

it('a disk with something else than what is wanted, or that did not come up, is written again', async () => {
  const { log, run } = await stopped();
  await run(installing(log, () => undefined, { inputs: 'another' }));
  expect(log).toEqual(['write', 'boot']);

  const other = await stopped();
  await other.run(installing(other.log), { reinstall: [1] });
  expect(other.log).toEqual(['write', 'boot']);

  const silent = await stopped();
  const fails = async (_signal: AbortSignal, forget: () => Promise<void>) => {
    await forget();
    throw new Error('it stays silent');
  };
  await silent.run(installing(silent.log, fails));
  await silent.run(installing(silent.log));
  expect(silent.log).toEqual(['boot', 'write', 'boot']);
});
