import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BoardId } from '../board/board-id.js';
import type { EraseApproval } from '../erasure/erase-approval.js';
import { type Erasure, Node1, Node2, type NodeId } from '@turingpi/foundation';

import type { JournaledPhaseStep, PhaseStep, Standing } from '../phase/phase-step.js';
import { BOARD_IDENTIFICATION } from '../di/tokens.js';
import { definePlugin } from '../plugin/define-plugin.js';
import type { CreateTuringPiOptions } from './create-turing-pi.js';
import {
  actionsStep,
  imageStep,
  installationStep,
  rejection,
  SAMPLE_IMAGE,
  SAMPLE_INSTALLATION,
  type SampleCluster,
  sampleCluster,
  samplePlugin,
  temporaryDirectory,
} from './sample-cluster.fixture.js';
import type { RunOptions, Workflow } from './workflow.js';

/** Nodes behind a forwarder that is not there: nothing answers, at once. */
const SILENT = {
  node1: { ip: '10.0.0.11', board: 'rk1', ssh: { host: '127.0.0.1', port: 1 } },
  node2: { ip: '10.0.0.12', board: 'rk1', ssh: { host: '127.0.0.1', port: 1 } },
};

interface Situation {
  readonly base?: string;
  readonly strategy?: string;
  readonly standing?: Standing;
  readonly image?: Partial<PhaseStep<'image_customization'>>;
  readonly installation?: Partial<PhaseStep<'os_installation'>>;
  readonly actions?: Partial<JournaledPhaseStep>;
}

/** All three phases; what was really installed is noted. */
function workflow(installed: NodeId[], situation: Situation = {}): Workflow {
  const { base = 'image', strategy = 'flash', standing = true } = situation;
  return async (context, node) => {
    await context.runPhase(imageStep({ inputs: { base, hostname: node.hostname }, ...situation.image }));
    const usual = installationStep();
    await context.runPhase(
      installationStep({
        inputs: { image: base, strategy },
        stands: () => Promise.resolve(standing),
        run: async (environment) => {
          const result = await usual.run(environment);
          installed.push(node.id);
          return result;
        },
        ...situation.installation,
      }),
    );
    await context.runJournaledPhase(actionsStep(['a'], [], situation.actions));
  };
}

/** A cluster with the records of an earlier one, as another process would open it. */
function reopened(sample: SampleCluster, approve: EraseApproval, options: CreateTuringPiOptions = {}) {
  return sampleCluster(SILENT, { directory: sample.directory, approve, ...options });
}

async function finished(): Promise<SampleCluster> {
  const sample = await sampleCluster(SILENT, { approve: 'new' });
  expect((await sample.cluster.runAll(sample.cluster.run(workflow([])))).completed).toBe(true);
  return sample;
}

const run = async (
  sample: SampleCluster,
  situation: Situation,
  options: RunOptions & { readonly nodes?: readonly NodeId[] } = {},
) => {
  const installed: NodeId[] = [];
  const { cluster } = sample;
  const summary = await cluster.runAll(cluster.run(workflow(installed, situation)), options);
  return { installed, summary, outcomes: summary.nodes.map(({ outcome }) => outcome) };
};

describe('the first installation', () => {
  it.each<[EraseApproval, readonly NodeId[]]>([
    ['none', []],
    ['new', [1, 2]],
    ['all', [1, 2]],
    [[Node2], [2]],
    [({ node }) => node === Node1, [1]],
    [{ decide: (erasures) => Promise.resolve(erasures) }, [1, 2]],
  ])('approved by %s', async (approve, expected) => {
    const sample = await sampleCluster(SILENT, { approve });
    const { installed, summary } = await run(sample, {});
    expect(installed.sort()).toEqual(expected);
    for (const node of summary.nodes) {
      const isInstalled = expected.includes(node.nodeId);
      expect(node.outcome).toBe(isInstalled ? 'completed' : 'blocked');
      if (!isInstalled) expect(node.error).toMatchObject({ code: 'ERASE_NOT_APPROVED' });
      // The image harms nobody: it is made, so that the approved run has it.
      expect(node.phases.image_customization.outcome).toBe('completed');
    }
    const state = await sample.state();
    for (const name of ['Node1', 'Node2'] as const)
      expect(state[name]?.os_installation?.status).toMatch(/^(pending|completed)$/);
  });

  it('of a node that answers at its address is none of a new node', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-x\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const node1 = { ...SILENT.node1, ssh: { host: '127.0.0.1', port } };
    const sample = await sampleCluster({ ...SILENT, node1 }, { approve: 'new' });
    const { outcomes } = await run(sample, {});
    expect(outcomes).toEqual(['blocked', 'completed']);
  });

  it('of a node whose state and ledger are gone is no first one while its secrets tell of an installation', async () => {
    const sample = await sampleCluster(SILENT, { approve: 'new' });
    await sample.cluster.runAll(
      sample.cluster.run(async (context, node) => {
        await workflow([])(context, node);
        if (node.id === Node1) await context.generations.installed(1);
      }),
    );
    for (const name of ['tpi_state.json', 'tpi_state.erasures.jsonl'])
      await rm(`${sample.directory}/${name}`);
    const again = await run(await reopened(sample, 'new'), {});
    expect(again).toMatchObject({ installed: [2], outcomes: ['blocked', 'completed'] });
  });

  it.each(['tpi_state.json', 'tpi_state.erasures.jsonl'])(
    'of a node that another state file of the directory tells of is no first one: %s',
    async (kept) => {
      const sample = await finished();
      for (const name of ['tpi_state.json', 'tpi_state.erasures.jsonl', 'node-secrets.json'])
        if (name !== kept) await rm(`${sample.directory}/${name}`, { force: true });
      const config = { ...SILENT, stateFileName: 'other.json' };
      const other = await sampleCluster(config, { directory: sample.directory, approve: 'new' });
      const { installed, summary } = await run(other, {});
      expect(installed).toEqual([]);
      expect(summary.nodes[0]?.error).toMatchObject({
        code: 'ERASE_NOT_APPROVED',
        details: { evidence: 'unknown' },
      });
    },
  );

  it.each<[string, (text: string) => string]>([
    ['all zeros', () => '\0'.repeat(300)],
    ['cut short', (text) => text.slice(0, text.indexOf('"node":1') + 8)],
    ['another JSON', () => '{}\n'],
    ['an entry of nowhere', (text) => text.replaceAll('"node":1', '"node":"1"')],
  ])(
    'of a node is no first one when the state is lost and the ledger is damaged: %s',
    async (_what, damage) => {
      const sample = await finished();
      const ledger = `${sample.directory}/tpi_state.erasures.jsonl`;
      for (const name of ['tpi_state.json', 'node-secrets.json'])
        await rm(`${sample.directory}/${name}`, { force: true });
      await writeFile(ledger, damage(await readFile(ledger, 'utf8')));
      expect((await run(await reopened(sample, 'new'), {})).installed).toEqual([]);
      // What is appended afterwards can be read, whatever the damage left.
      expect((await run(await reopened(sample, [Node2]), {})).installed).toEqual([2]);
      const last = (await readFile(ledger, 'utf8')).trimEnd().split('\n').at(-1);
      expect(JSON.parse(last ?? '')).toMatchObject({ node: 2, evidence: 'unknown' });
    },
  );

  it('of a protected node cannot be approved', async () => {
    const node1 = { ...SILENT.node1, protect: true };
    const sample = await sampleCluster({ ...SILENT, node1 }, { approve: 'all' });
    expect((await run(sample, {})).installed).toEqual([2]);
  });

  it('is asked for all nodes at once, with what is lost', async () => {
    const asked: (readonly Erasure[])[] = [];
    const decide = (erasures: readonly Erasure[]) => {
      asked.push(erasures);
      return Promise.resolve(erasures.filter(({ node }) => node === Node2));
    };
    const sample = await sampleCluster(SILENT, { approve: { decide } });
    await run(sample, {});
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject([
      { node: 1, disk: 'emmc', evidence: 'new', plan: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      { node: 2, evidence: 'new' },
    ]);
  });

  it('is noted in the ledger before the disk is touched', async () => {
    const sample = await sampleCluster(SILENT, { approve: 'new' });
    await run(sample, {});
    const ledger = await readFile(`${sample.directory}/tpi_state.erasures.jsonl`, 'utf8');
    expect(
      ledger
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([
      { node: 1, disk: 'emmc', evidence: 'new' },
      { node: 2, disk: 'emmc', evidence: 'new' },
    ]);
  });

  it('by a strategy that never says when it begins is an error of the plugin', async () => {
    const sample = await sampleCluster(SILENT, { approve: 'all' });
    const { summary } = await run(sample, { installation: { run: async () => SAMPLE_INSTALLATION } });
    expect(summary.nodes[0]?.error).toMatchObject({ code: 'ERASE_NOT_APPROVED' });
  });
});

describe('a finished node', () => {
  it('is left alone when a setting changed, and said with the setting', async () => {
    const sample = await finished();
    for (const approve of ['none', 'new', () => false] as const) {
      const { installed, summary } = await run(await reopened(sample, approve), { base: 'another' });
      expect(installed).toEqual([]);
      expect(summary.nodes[0]).toMatchObject({
        outcome: 'blocked',
        error: {
          code: 'NEEDS_REINSTALL',
          details: { changes: [{ name: 'base', before: 'image', after: 'another' }] },
        },
      });
    }
    const { outcomes } = await run(await reopened(sample, 'none'), {});
    expect(outcomes).toEqual(['completed', 'completed']);
  });

  it('is refused, when its reinstallation was asked for and not approved, with the way to approve it', async () => {
    const sample = await finished();
    for (const base of ['image', 'another']) {
      const again = await reopened(sample, 'none');
      const { installed, summary } = await run(again, { base }, { reinstall: [Node1] });
      expect(installed).toEqual([]);
      expect(summary.nodes[0]?.error).toMatchObject({
        code: 'ERASE_NOT_APPROVED',
        message: expect.stringContaining('its system, installed') as string,
        hint: expect.stringContaining('--erase') as string,
      });
    }
    const cluster = (await reopened(sample, 'none')).cluster;
    await expect(cluster.requestErasure(Node1, { plan: 'x', why: 'by hand' })).rejects.toMatchObject({
      code: 'ERASE_NOT_APPROVED',
    });
  });

  it('is installed anew when that is approved, also when only the installation changed', async () => {
    const sample = await finished();
    expect((await run(await reopened(sample, [Node2]), { base: 'another' })).installed).toEqual([2]);
    expect((await run(await reopened(sample, 'none'), { strategy: 'usb' })).outcomes).toEqual([
      'blocked',
      'blocked',
    ]);
    expect((await run(await reopened(sample, 'all'), { strategy: 'usb' })).installed.sort()).toEqual([1, 2]);
  });

  it('is installed anew when the user says so, although nothing changed', async () => {
    const sample = await finished();
    const again = await reopened(sample, 'all');
    expect((await run(again, {}, { reinstall: [Node2] })).installed).toEqual([2]);
  });

  it('is not installed anew for an image that is gone', async () => {
    const sample = await finished();
    const gone = { image: { stands: () => Promise.resolve(false) } };
    const { installed, outcomes } = await run(await reopened(sample, 'none'), gone);
    expect([installed, outcomes]).toEqual([[], ['completed', 'completed']]);
  });

  it('is said to be out of reach when it does not answer, and not called done', async () => {
    const sample = await finished();
    const standing = { standing: 'unproven', message: 'no answer' } as const;
    const { summary, installed } = await run(await reopened(sample, 'all'), { standing });
    expect(installed).toEqual([]);
    expect(summary.completed).toBe(false);
    expect(summary.nodes[0]).toMatchObject({ outcome: 'unreachable', error: { code: 'NODE_NOT_REACHABLE' } });
    const offline = await run(await reopened(sample, 'none'), { standing }, { offline: true });
    expect(offline.outcomes).toEqual(['completed', 'completed']);
  });

  it('that did not answer at first, and is logged in to afterwards, is finished', async () => {
    const sample = await finished();
    const { cluster } = await reopened(sample, 'none');
    const standing = { standing: 'unproven', message: 'it restarts' } as const;
    const whenUp = cluster.run(async (context, node) => {
      await workflow([], { standing })(context, node);
      await context.checkModule({});
    });
    expect((await cluster.runAll(whenUp)).nodes.map(({ outcome }) => outcome)).toEqual([
      'completed',
      'completed',
    ]);
  });

  it('that answers as another system is left alone, unless it may be erased', async () => {
    const sample = await finished();
    const standing = { standing: 'contradicted', message: 'another key' } as const;
    const left = await run(await reopened(sample, 'new'), { standing });
    expect(left.summary.nodes[0]?.error).toMatchObject({ code: 'NODE_OTHER_SYSTEM' });
    expect((await run(await reopened(sample, [Node1]), { standing })).installed).toEqual([1]);
  });

  it('keeps its record when its reinstallation fails before the disk is touched', async () => {
    const sample = await finished();
    const broken = { run: () => Promise.reject(new Error('no board')) };
    const { outcomes } = await run(await reopened(sample, [Node1]), { base: 'b', installation: broken });
    expect(outcomes).toEqual(['failed', 'blocked']);
    expect((await run(await reopened(sample, 'none'), {})).outcomes).toEqual(['completed', 'completed']);
  });

  it('loses its records when the disk is touched, and is not finished after a failure', async () => {
    const sample = await finished();
    const broken: Partial<PhaseStep<'os_installation'>> = {
      run: async ({ permit }) => {
        await permit?.begin(permit.erasure);
        throw new Error('power cut');
      },
    };
    await run(await reopened(sample, [Node1]), { base: 'b', installation: broken });
    const { Node1: record } = await sample.state();
    expect(record?.os_installation).toMatchObject({ status: 'failed', erased: true });
    expect(record?.os_installation).not.toHaveProperty('previous');
    expect(record?.post_installation).toEqual({
      status: 'pending',
      timestamp: expect.any(String) as string,
      fence: 1, // of the claims of a phase each one is counted, whatever became of it
    });
    // The old settings do not bring the old system back.
    expect((await run(await reopened(sample, 'none'), {})).outcomes).toEqual(['blocked', 'completed']);
    // Nor is a node new whose installation was interrupted: another module may be in its slot.
    expect((await run(await reopened(sample, 'new'), {})).installed).toEqual([]);
    expect((await run(await reopened(sample, [Node1]), {})).installed).toEqual([1]);
  });

  it('is left alone when somebody else has installed what is asked for while it waited for its turn', async () => {
    const sample = await finished();
    const again = await reopened(sample, 'all');
    const elsewhere = await reopened(sample, 'all');
    await run(again, { base: 'b' }, { until: 'image' });
    const usual = installationStep();
    const anew: PhaseStep<'os_installation'>['run'] = async (environment) => ({
      ...(await usual.run(environment)),
      installationId: randomUUID(),
    });
    const erased: (NodeId | undefined)[] = [];
    const installation: Partial<PhaseStep<'os_installation'>> = {
      run: async (environment) => {
        const node = environment.permit?.erasure.node;
        erased.push(node);
        const other = node === Node1 ? Node2 : Node1;
        if (erased.length === 1)
          await run(elsewhere, { base: 'b', installation: { run: anew } }, { nodes: [other] });
        return anew(environment);
      },
    };
    expect((await run(again, { base: 'b', installation })).outcomes).toEqual(['completed', 'completed']);
    expect(erased).toHaveLength(1);
  });

  it('is reinstalled one after the other, and none after a failure', async () => {
    const sample = await finished();
    const again = await reopened(sample, 'all');
    let busy = 0;
    const usual = installationStep();
    const one: Partial<PhaseStep<'os_installation'>> = {
      run: async (environment) => {
        busy += 1;
        expect(busy).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return usual.run(environment);
      },
    };
    const actions = {
      run: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        busy -= 1;
      },
    };
    expect((await run(again, { base: 'b', installation: one, actions })).outcomes).toEqual([
      'completed',
      'completed',
    ]);
    const failing = { run: () => Promise.reject(new Error('no')) };
    const { summary } = await run(await reopened(sample, 'all'), { base: 'c', installation: failing });
    expect(summary.nodes.map(({ error }) => (error as { code: string }).code).sort()).toEqual([
      'PHASE_FAILED',
      'REINSTALL_STOPPED',
    ]);
  });
});

describe('records that are not there', () => {
  it('make a node unknown, not new', async () => {
    const sample = await finished();
    await rm(sample.cluster.stateFile);
    const { outcomes, installed } = await run(await reopened(sample, 'new'), {});
    expect([installed, outcomes]).toEqual([[], ['blocked', 'blocked']]);
  });

  it('because the file is damaged stop every node, and leave the file', async () => {
    const sample = await finished();
    const whole = await readFile(sample.cluster.stateFile, 'utf8');
    for (const damage of [
      '',
      '[]',
      '\0\0\0',
      whole.slice(0, whole.length / 2),
      whole.replace('"version": 2', '"version": 0'),
    ]) {
      await writeFile(sample.cluster.stateFile, damage);
      const again = await reopened(sample, 'all');
      expect(await rejection(run(again, {}))).toMatchObject({ code: 'STATE_UNREADABLE' });
      expect(await rejection(again.cluster.run(workflow([]))(Node1))).toMatchObject({
        code: 'STATE_UNREADABLE',
      });
      expect(await rejection(again.cluster.status())).toMatchObject({ code: 'STATE_UNREADABLE' });
      expect(await readFile(sample.cluster.stateFile, 'utf8')).toBe(damage);
    }
  });

  it('of version 1 are taken as they are', async () => {
    const directory = await temporaryDirectory();
    const at = '2026-01-01T00:00:00.000Z';
    const record = { status: 'completed', timestamp: at, input_hash: 'aa' };
    const node = {
      image_customization: { ...record, output: SAMPLE_IMAGE },
      os_installation: { ...record, output: SAMPLE_INSTALLATION, installation_id: 'installation-1' },
    };
    await writeFile(`${directory}/tpi_state.json`, JSON.stringify({ version: 1, Node1: node, Node2: node }));
    const sample = await sampleCluster(SILENT, { directory, approve: 'all' });
    const { installed, summary } = await run(sample, {});
    expect(installed).toEqual([]);
    expect(summary.nodes[0]?.phases.image_customization.note).toContain('earlier version');
  });
});

describe('the board', () => {
  let answer: () => Promise<BoardId>;
  const plugin = definePlugin({
    name: 'known',
    requires: [samplePlugin],
    services: [{ token: BOARD_IDENTIFICATION, useValue: { canTell: true, identify: () => answer() } }],
  });
  const config = { ...SILENT, plugins: [plugin] };
  const open = (directory: string, source: string) =>
    sampleCluster(config, { directory, approve: 'all', source });

  it('that was changed stops every node of its project, and is another one for other projects', async () => {
    const directory = await temporaryDirectory();
    answer = () => Promise.resolve({ mac: 'aa', key: 'k1' });
    expect((await run(await open(directory, '/a.yaml'), {})).outcomes).toEqual(['completed', 'completed']);
    answer = () => Promise.resolve({ mac: 'bb', key: 'k1' });
    expect(await rejection(run(await open(directory, '/a.yaml'), { base: 'b' }))).toMatchObject({
      code: 'BOARD_CHANGED',
    });
    expect(await rejection(run(await open(directory, '/b.yaml'), {}))).toMatchObject({
      code: 'STATE_OTHER_BOARD',
    });
    answer = () => Promise.resolve({ mac: 'aa', key: 'another key' });
    expect((await run(await open(directory, '/b.yaml'), {})).outcomes).toEqual(['completed', 'completed']);
  });

  it('is not asked by a run offline until there is something to do', async () => {
    const directory = await temporaryDirectory();
    answer = () => Promise.resolve({ mac: 'aa' });
    await run(await open(directory, '/a.yaml'), {});
    const asked = vi.fn(() => Promise.resolve({ mac: 'bb' }));
    answer = asked;
    const idle = await run(await open(directory, '/a.yaml'), {}, { offline: true });
    expect(idle.outcomes).toEqual(['completed', 'completed']);
    expect(asked).not.toHaveBeenCalled();
    const done: string[] = [];
    const changed = await run(
      await open(directory, '/a.yaml'),
      { actions: actionsStep(['b'], done) },
      { offline: true },
    );
    expect(changed.summary.nodes[0]?.error).toMatchObject({ code: 'BOARD_CHANGED' });
    expect(done).toEqual([]);
  });

  it('that does not answer proves nothing, and is asked again directly before a disk is erased', async () => {
    const directory = await temporaryDirectory();
    answer = () => Promise.resolve({ mac: 'aa' });
    await run(await open(directory, '/a.yaml'), {});
    answer = () => Promise.reject(new Error('no answer'));
    expect((await run(await open(directory, '/a.yaml'), {})).outcomes).toEqual(['completed', 'completed']);
    const changes: Partial<PhaseStep<'image_customization'>> = {
      run: async () => {
        answer = () => Promise.resolve({ mac: 'bb' }); // changed while the image was made
        return SAMPLE_IMAGE;
      },
    };
    const { summary, installed } = await run(await open(directory, '/a.yaml'), { base: 'b', image: changes });
    expect(installed).toEqual([]);
    expect(summary.nodes[0]?.error).toMatchObject({ code: 'BOARD_CHANGED' });
  });
});
