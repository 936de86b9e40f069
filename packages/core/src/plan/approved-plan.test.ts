import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  actionsStep,
  imageStep,
  installationStep,
  rejection,
  SAMPLE_IMAGE,
  SAMPLE_INSTALLATION,
  type SampleCluster,
  sampleCluster,
} from '../cluster/sample-cluster.fixture.js';
import type { Workflow } from '../cluster/workflow.js';
import type { PhaseStep } from '../phase/phase-step.js';
import { approvalOfPlan } from './approved-plan.js';
import type { ClusterPlan } from './cluster-plan.js';
import { parsePlan } from './parse-plan.js';

const ABSENT = { node1: { ip: '10.0.0.11', board: 'rk1', ssh: { host: '127.0.0.1', port: 9 } } } as const;

function workflowOf(base: string, actions: readonly string[] = ['a']): Workflow {
  return async (context) => {
    const foreseen = { ...SAMPLE_IMAGE, sha256: '' };
    await context.runPhase(imageStep({ inputs: { base }, foresee: () => Promise.resolve(foreseen) }));
    const foresee = () => Promise.resolve(SAMPLE_INSTALLATION);
    const run: PhaseStep<'os_installation'>['run'] = async ({ permit }) => {
      await permit?.begin(permit.erasure);
      return { ...SAMPLE_INSTALLATION, installationId: randomUUID() }; // each has one of its own
    };
    await context.runPhase(installationStep({ inputs: { base }, foresee, run }));
    await context.runJournaledPhase(actionsStep(actions, [], { foreseeable: true }));
  };
}

function planOf({ cluster }: SampleCluster, workflow: Workflow, options = {}): Promise<ClusterPlan> {
  return cluster.plan(workflow, { nodes: [1], comparable: true, ...options });
}

async function runPlan({ cluster }: SampleCluster, plan: ClusterPlan, workflow: Workflow) {
  await cluster.assertPlan(plan, workflow);
  return cluster.runAll(cluster.run(workflow), { nodes: [1], reinstall: plan.reinstall, plan });
}

describe('a run of a plan', () => {
  it('does what was approved, read from a file', async () => {
    const sample = await sampleCluster(ABSENT);
    const plan = await planOf(sample, workflowOf('one'));
    const read = parsePlan(JSON.stringify(plan), 'plan.json');
    expect(await runPlan(sample, read, workflowOf('one'))).toMatchObject({ completed: true });
  });

  it('goes as far as the plan does', async () => {
    const sample = await sampleCluster(ABSENT);
    const plan = await planOf(sample, workflowOf('one'), { until: 'image' });
    const read = parsePlan(JSON.stringify(plan), 'plan.json');
    expect(read.limits).toEqual({ until: 'image' });
    await sample.cluster.assertPlan(read, workflowOf('one'));
  });

  it('runs once: afterwards it is outdated', async () => {
    const sample = await sampleCluster(ABSENT);
    const plan = await planOf(sample, workflowOf('one'));
    await runPlan(sample, plan, workflowOf('one'));
    const error = await rejection(sample.cluster.assertPlan(plan, workflowOf('one')));
    expect(error).toMatchObject({ code: 'PLAN_OUTDATED', category: 'approval' });
    expect(error.message).toContain('Node1 os_installation was to run, and is to skip now');
  });

  it('runs once also where it installs anew what had not changed', async () => {
    const sample = await sampleCluster(ABSENT, { approve: 'all' });
    await sample.cluster.runAll(sample.cluster.run(workflowOf('one')), { nodes: [1] });
    const unused = await planOf(sample, workflowOf('one'), { reinstall: [1] });
    const plan = await planOf(sample, workflowOf('one'), { reinstall: [1] });
    const read = parsePlan(JSON.stringify(plan), 'plan.json');
    expect(read.digest).toBe(unused.digest);
    expect(await runPlan(sample, read, workflowOf('one'))).toMatchObject({ completed: true });
    const error = await rejection(sample.cluster.assertPlan(read, workflowOf('one')));
    expect(error).toMatchObject({ code: 'PLAN_OUTDATED' });
    expect(error.message).toContain('Node1 os_installation was to erase another installation');
  });

  it.each([
    ['inputs', workflowOf('two')],
    ['actions', workflowOf('one', ['b'])],
  ])('is refused before anything runs when other %s are asked for', async (_what, changed) => {
    const sample = await sampleCluster(ABSENT);
    const plan = await planOf(sample, workflowOf('one'));
    expect(await rejection(sample.cluster.assertPlan(plan, changed))).toMatchObject({
      code: 'PLAN_OUTDATED',
    });
  });

  it('is refused when it would do a hook that the plan does not have', async () => {
    const sample = await sampleCluster(ABSENT);
    const plan = await planOf(sample, workflowOf('one'));
    const hooks = { afterInstall: () => Promise.resolve() };
    const error = await rejection(sample.cluster.assertPlan(plan, workflowOf('one'), { hooks }));
    expect(error).toMatchObject({ code: 'PLAN_OUTDATED' });
    expect(error.message).toContain('the hooks of Node1 are others');
  });

  it('starts no phase that was changed after it was compared', async () => {
    const sample = await sampleCluster(ABSENT);
    const plan = await planOf(sample, workflowOf('one'));
    const { cluster, events } = sample;
    const summary = await cluster.runAll(cluster.run(workflowOf('two')), { nodes: [1], plan });
    expect(summary.nodes[0]).toMatchObject({ outcome: 'blocked', error: { code: 'PLAN_OUTDATED' } });
    expect(events.filter(({ type }) => type === 'phase:started')).toEqual([]);
  });

  it('starts nothing of a node that it does not have', async () => {
    const sample = await sampleCluster(ABSENT);
    const plan = await planOf(sample, workflowOf('one'), { nodes: [] });
    const { cluster } = sample;
    const summary = await cluster.runAll(cluster.run(workflowOf('one')), { nodes: [1], plan });
    expect(summary.nodes[0]).toMatchObject({ outcome: 'blocked' });
  });

  it('approves the erasures that it names, and no worse ones', async () => {
    const plan = await planOf(await sampleCluster(ABSENT), workflowOf('one'));
    const approve = approvalOfPlan(plan) as (erasure: object) => boolean;
    const erasure = { node: 1, disk: 'emmc', evidence: 'new', board: undefined };
    expect(approve(erasure)).toBe(true);
    expect(approve({ ...erasure, evidence: 'installed' })).toBe(false);
    expect(approve({ ...erasure, disk: 'nvme' })).toBe(false);
    expect(approve({ ...erasure, node: 2 })).toBe(false);
    const elsewhere = approvalOfPlan({ ...plan, board: 'serial:a' }) as typeof approve;
    expect(elsewhere({ ...erasure, board: 'serial:b' })).toBe(false);
  });
});

describe('a file that is no plan', () => {
  it.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['another thing', '{"version":1}'],
    ['a later version', '{"version":2}'],
  ])('is refused: %s', (_what, text) => {
    expect(() => parsePlan(text, 'plan.json')).toThrow(
      expect.objectContaining({
        code: 'PLAN_UNREADABLE',
        message: expect.stringContaining('plan.json') as string,
      }),
    );
  });

  it('is refused when it was edited', async () => {
    const plan = await planOf(await sampleCluster(ABSENT), workflowOf('one'));
    const [node] = plan.nodes;
    const edited = { ...plan, nodes: [node, { ...node, nodeId: 2 }] };
    expect(() => parsePlan(JSON.stringify(edited), 'plan.json')).toThrow(/changed after it was made/);
  });
});
