import { Node1 } from '@turingpi/foundation';
import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import {
  installationStep,
  SAMPLE_INSTALLATION,
  sampleCluster,
  type SampleCluster,
} from '../cluster/sample-cluster.fixture.js';
import type { RunOptions } from '../cluster/workflow.js';
import type { PhaseStep } from './phase-step.js';

const LOGIN = { sshKeys: [], password: { env: 'PASSWORD' } };

const run = (
  { cluster }: SampleCluster,
  step: Partial<PhaseStep<'os_installation'>>,
  options: RunOptions = {},
) => cluster.run((context) => context.runPhase(installationStep(step)))(Node1, options);

it('a kept record learns what decides nothing, and is written only when it did', async () => {
  const sample = await sampleCluster();
  await run(sample, {});
  const before = (await sample.state()).Node1?.os_installation;
  const refresh = () => ({ ...SAMPLE_INSTALLATION, login: LOGIN });
  await expect(run(sample, { refresh })).resolves.toMatchObject({ login: LOGIN });
  const after = (await sample.state()).Node1?.os_installation;
  expect(after).toEqual({ ...before, output: { ...before?.output, login: LOGIN } });
  expect(sample.events.map(({ type }) => type)).toContain('phase:skipped');
  const text = await readFile(sample.cluster.stateFile, 'utf8');
  await run(sample, { refresh });
  expect(await readFile(sample.cluster.stateFile, 'utf8')).toBe(text);
});

it('also beneath a reinstallation that ended before it erased anything', async () => {
  const sample = await sampleCluster();
  await run(sample, {});
  const state = await sample.state();
  const previous = state.Node1?.os_installation;
  const ended = { status: 'failed', timestamp: previous?.timestamp, previous };
  await writeFile(
    sample.cluster.stateFile,
    JSON.stringify({ ...state, Node1: { ...state.Node1, os_installation: ended } }),
  );
  await run(sample, { refresh: (output) => ({ ...output, login: LOGIN }) });
  await expect(sample.cluster.installedNode(Node1)).resolves.toMatchObject({ installed: { login: LOGIN } });
  expect((await sample.state()).Node1?.os_installation).toEqual({
    ...ended,
    previous: { ...previous, output: { ...previous?.output, login: LOGIN } },
  });
});

it('but never that of another installation, which somebody has made meanwhile', async () => {
  const sample = await sampleCluster();
  await run(sample, {});
  const { Node1: node, ...state } = await sample.state();
  const write = (os_installation: object) =>
    writeFile(
      sample.cluster.stateFile,
      JSON.stringify({
        ...state,
        Node1: { ...node, os_installation: { ...node?.os_installation, ...os_installation } },
      }),
    );
  await write({ timestamp: '2020-01-02T03:04:05.678Z' }); // long not seen
  const theirs = { installation_id: 'theirs', output: { ...SAMPLE_INSTALLATION, installationId: 'theirs' } };
  let text = '';
  const stands = async () => {
    await write(theirs);
    text = await readFile(sample.cluster.stateFile, 'utf8');
    return true;
  };
  await run(sample, { stands, refresh: (output) => ({ ...output, login: LOGIN }) });
  expect(await readFile(sample.cluster.stateFile, 'utf8')).toBe(text);
});
