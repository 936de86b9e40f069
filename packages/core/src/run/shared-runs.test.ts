import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  installationStep,
  imageStep,
  rejection,
  sampleCluster,
  samplePlugin,
  temporaryDirectory,
} from '../cluster/sample-cluster.fixture.js';
import type { Workflow } from '../cluster/workflow.js';
import { Node1 } from '@turingpi/foundation';
import { definePlugin } from '../plugin/define-plugin.js';
import { FilePapers } from '../state/file-papers.js';
import { FileStateStore } from '../state/file-state-store.js';
import type { SharedPapers } from '../state/shared-papers.js';
import { runsDirectoryOf } from './run-files.js';
import { startedEvent } from './run-sample.fixture.js';
import { SharedRunStore } from './shared-run-store.js';

/** Papers that several computers see. */
class NetworkPapers extends FilePapers implements SharedPapers {
  override readonly reach = 'network' as 'computer';
}

/** A computer with records of its own, whose papers others see. */
async function computerWith(papers: SharedPapers, approve: Parameters<typeof sampleCluster>[1] = {}) {
  class Store extends FileStateStore {
    override readonly papers = papers;
  }
  const store = definePlugin({
    name: 'network',
    stateStores: [{ id: 'network', summary: 'Papers.', open: ({ stateFile }) => new Store(stateFile) }],
  });
  const made = await sampleCluster({ plugins: [samplePlugin, store], stateStore: 'network' }, approve);
  const directory = runsDirectoryOf(made.directory);
  const shared = new SharedRunStore(directory, () =>
    Promise.resolve({ papers: [papers], [Symbol.asyncDispose]: () => Promise.resolve() }),
  );
  return { ...made, shared, runsDirectory: directory };
}
const newPapers = async () => new NetworkPapers(path.join(await temporaryDirectory(), 'shared.json'));
const everything: Workflow = async (context) => {
  await context.runPhase(imageStep());
  await context.runPhase(installationStep());
};

async function listed<T>(events: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const event of events) list.push(event);
  return list;
}

describe('a run of another computer', () => {
  it('is listed, found and read like one of this, and what it erased is known', async () => {
    const papers = await newPapers();
    const [one, other] = [await computerWith(papers), await computerWith(papers)];
    const { runId } = await one.cluster.runAll(one.cluster.run(everything), { nodes: [Node1] });
    expect(await other.shared.list()).toMatchObject([{ id: runId, outcome: 'completed' }]);
    expect(await listed(other.shared.read(runId))).toEqual(await listed(one.cluster.runs.read(runId)));
    expect(await one.shared.find(runId)).toMatchObject({ id: runId }); // its own is no copy
    expect(await readdir(one.runsDirectory)).toEqual([`${runId}.jsonl`]);
    expect(await papers.log('erasures').read()).toHaveLength(1);

    const evidence: string[] = [];
    const approve = (erasure: { readonly evidence: string }) => evidence.push(erasure.evidence) > 0;
    const third = await computerWith(papers, { approve: approve as never });
    await third.cluster.run(everything)(Node1);
    expect(evidence).toEqual(['unknown']); // its own records tell of nothing
  });

  it('is followed while it goes on', async () => {
    const papers = await newPapers();
    const [one, other] = [await computerWith(papers), await computerWith(papers)];
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const running = one.cluster.runAll(one.cluster.run(() => gate));
    while ((await papers.logs('run/')).length === 0) await new Promise((resolve) => setImmediate(resolve));
    const { id, outcome } = await other.shared.find();
    expect(outcome).toBe('running');
    expect(await rejection(other.shared.requestCancel(id, 'me'))).toMatchObject({ code: 'RUN_ELSEWHERE' });
    const types: string[] = [];
    for await (const event of other.shared.follow(id, { signal: AbortSignal.timeout(20_000) })) {
      types.push(event.type);
      goOn();
    }
    await running;
    expect(types.at(-1)).toBe('run:ended');
    expect(types.filter((type) => type === 'run:started')).toHaveLength(1);
  });

  it('has died when it has given no sign of life for its time, and is removed for all', async () => {
    const papers = await newPapers();
    const { shared, runsDirectory } = await computerWith(papers);
    const id = '20260102T030405678-abcdef';
    const event = { seq: 0, runId: id, ...startedEvent({ host: 'elsewhere', heartbeatMs: 1000 }) };
    await papers.log(`run/${id}`).append([JSON.stringify(event)]);
    await papers.log('run/../../outside').append(['no name of a run']);
    expect(await shared.list()).toMatchObject([{ id, outcome: 'running' }]);
    papers.logs = () => Promise.resolve([{ name: `run/${id}`, idleMs: 7000 }]);
    expect(await shared.list()).toMatchObject([{ id, outcome: 'died' }]);
    expect((await stat(path.join(runsDirectory, `${id}.jsonl`))).mode & 0o777).toBe(0o600);
    expect(await shared.prune({})).toEqual([id]);
    expect(await papers.log(`run/${id}`).read()).toEqual([]);
    expect(await readdir(runsDirectory)).toEqual([]);
  });
});
