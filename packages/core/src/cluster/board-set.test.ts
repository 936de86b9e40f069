import { readdir } from 'node:fs/promises';
import { type Erasure, type NodeId, Secret, TuringPiError } from '@turingpi/foundation';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BOARD_IDENTIFICATION } from '../di/tokens.js';
import type { TuringPiEvent } from '../event/event.js';
import { definePlugin } from '../plugin/define-plugin.js';
import type { BoardSet } from './board-set.js';
import { type BoardSetConfig, createBoardSet, type CreateBoardSetOptions } from './create-board-set.js';
import { createTuringPi } from './create-turing-pi.js';
import {
  imageStep,
  installationStep,
  rejection,
  samplePlugin,
  temporaryDirectory,
} from './sample-cluster.fixture.js';
import type { Workflow } from './workflow.js';

const node = (ip: string) => ({ ip, board: 'rk1' });

/** Boards that tell who they are. */
const tellingBoard = (serial: string) =>
  definePlugin({
    name: 'telling',
    services: [
      {
        token: BOARD_IDENTIFICATION,
        useValue: { canTell: true, identify: () => Promise.resolve({ serial }) },
      },
    ],
  });

/** Two boards, of two nodes and of one. */
async function twoBoards(
  options: CreateBoardSetOptions = {},
  more: Partial<BoardSetConfig> = {},
): Promise<{ readonly boards: BoardSet; readonly events: TuringPiEvent[]; readonly directory: string }> {
  const directory = await temporaryDirectory();
  const boards = await createBoardSet(
    {
      cacheDir: directory,
      plugins: [samplePlugin],
      boards: {
        shelf: { ip: '10.0.0.2', node1: node('10.0.0.11'), node2: node('10.0.0.12') },
        rack: { ip: '10.0.0.3', node1: node('10.0.0.21') },
      },
      ...more,
    },
    { approve: 'all', ...options },
  );
  onTestFinished(() => boards[Symbol.asyncDispose]());
  const events: TuringPiEvent[] = [];
  boards.subscribe((event) => events.push(event));
  return { boards, events, directory };
}

const workflow: Workflow = async (context) => {
  await context.runPhase(imageStep());
  await context.runPhase(installationStep());
};
const placeOf = ({ board, nodeId }: { readonly board?: string; readonly nodeId: NodeId }) =>
  `${board ?? ''}/${nodeId}`;

describe('a set of boards', () => {
  it('finds what is said for a node of a board that is not there', async () => {
    const nodes = { 'shelf/1': {}, 'shelve/2': {}, node1: {} };
    const error = await rejection(twoBoards({}, { workflow: { nodes } }));
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      details: { issues: [{ key: 'workflow.nodes.shelve/2' }] },
    });
  });

  it('runs the nodes of all of them as one run, tells each by its board, and keeps a state file for each', async () => {
    const { boards, events, directory } = await twoBoards();
    const summary = await boards.runAll((cluster) => cluster.run(workflow));
    expect(summary.completed).toBe(true);
    expect(summary.nodes.map(placeOf)).toEqual(['shelf/1', 'shelf/2', 'rack/1']);
    expect(summary.nodes.map(({ hostname }) => hostname)).toEqual([
      'shelf-node1',
      'shelf-node2',
      'rack-node1',
    ]);
    expect(new Set(events.map(placeOf))).toEqual(new Set(['shelf/1', 'shelf/2', 'rack/1']));
    expect(await readdir(directory)).toEqual(
      expect.arrayContaining(['shelf.tpi_state.json', 'rack.tpi_state.json']),
    );

    const [record, ...more] = await boards.runs.list();
    expect(more).toEqual([]);
    expect(record).toMatchObject({ id: summary.runId, outcome: 'completed' });
    expect(record?.started?.boards).toEqual([
      { name: 'shelf', address: '10.0.0.2' },
      { name: 'rack', address: '10.0.0.3' },
    ]);
    expect(record?.started?.nodes.map(placeOf)).toEqual(['shelf/1', 'shelf/2', 'rack/1']);
    const told = new Set<string>();
    for await (const event of boards.runs.read(summary.runId))
      if ('nodeId' in event) told.add(placeOf(event));
    expect(told).toEqual(new Set(['shelf/1', 'shelf/2', 'rack/1']));

    const plans = await boards.plan(() => workflow);
    expect(plans.map(({ board, plan }) => [board, plan.changes])).toEqual([
      ['shelf', false],
      ['rack', false],
    ]);
  });

  it('runs the nodes that are named, and opens the boards that are', async () => {
    const { boards, events } = await twoBoards({ only: ['rack'] });
    expect([...boards.clusters.keys()]).toEqual(['rack']);
    await boards.runAll((cluster) => cluster.run(workflow), { nodes: [{ board: 'rack', nodeId: 1 }] });
    expect(new Set(events.map(placeOf))).toEqual(new Set(['rack/1']));
    const error = await rejection(
      boards.runAll((cluster) => cluster.run(workflow), { nodes: [{ board: 'shelf', nodeId: 1 }] }),
    );
    expect(error['code']).toBe('BOARD_NOT_CONFIGURED');
    expect((await rejection(twoBoards({ only: ['attic'] })))['code']).toBe('BOARD_NOT_CONFIGURED');
  });

  it('asks once for the disks of all boards', async () => {
    const asked: string[][] = [];
    const { boards } = await twoBoards({
      approve: {
        decide: (erasures: readonly Erasure[]) => {
          asked.push(erasures.map(({ boardName, node: id }) => `${boardName ?? ''}/${id}`));
          return Promise.resolve(erasures.filter(({ boardName }) => boardName === 'rack'));
        },
      },
    });
    const { nodes } = await boards.runAll((cluster) => cluster.run(workflow));
    expect(asked).toEqual([['rack/1', 'shelf/1', 'shelf/2']]);
    expect(nodes.map((summary) => `${placeOf(summary)} ${summary.outcome}`)).toEqual([
      'shelf/1 blocked',
      'shelf/2 blocked',
      'rack/1 completed',
    ]);
  });

  it('takes approvals by board', async () => {
    const { boards } = await twoBoards({ approve: { shelf: [2], rack: 'none' } });
    const { nodes } = await boards.runAll((cluster) => cluster.run(workflow));
    expect(nodes.filter(({ outcome }) => outcome === 'completed').map(placeOf)).toEqual(['shelf/2']);
  });

  it('gives the slots of two boards out side by side, and work on images one at a time', async () => {
    const { boards } = await twoBoards();
    let bothHold: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (bothHold = resolve));
    const holding = new Set<string>();
    let images = 0;
    let mostImages = 0;
    const { completed } = await boards.runAll((cluster) =>
      cluster.run(async (context, { board = '' }) => {
        await context.runPhase(
          imageStep({
            run: async (environment) => {
              mostImages = Math.max(mostImages, (images += 1));
              await new Promise(setImmediate);
              images -= 1;
              return await imageStep().run(environment);
            },
          }),
        );
        await context.runPhase(
          installationStep({
            resources: ['slot'],
            run: async (environment) => {
              const slot = await environment.take('slot');
              holding.add(board);
              if (holding.size === 2) bothHold();
              await both; // reached only while both boards are being written
              await slot[Symbol.asyncDispose]();
              return await installationStep().run(environment);
            },
          }),
        );
      }),
    );
    expect(completed).toBe(true);
    expect(mostImages).toBe(1);
  });

  it('ends the nodes of a board that cannot be run, and goes on with the others', async () => {
    const { boards } = await twoBoards({}, { plugins: [samplePlugin, tellingBoard('one-serial')] });
    const { nodes } = await boards.runAll((cluster) => cluster.run(workflow));
    const blocked = nodes.filter(({ outcome }) => outcome === 'blocked');
    expect(blocked.length).toBeGreaterThan(0);
    expect(new Set(blocked.map(({ board }) => board)).size).toBe(1);
    for (const { error } of blocked) expect(TuringPiError.is(error) && error.code).toBe('BOARD_NAMED_TWICE');
    expect(nodes.some(({ outcome }) => outcome === 'completed')).toBe(true);
  });

  it('tells what is wrong in all boards together, each at its place', async () => {
    const error = await rejection(
      twoBoards({}, {
        ssh: { useAgent: 'yes' },
        boards: {
          shelf: { ip: 'not a host!', node1: node('10.0.0.11') },
          rack: { ip: '10.0.0.3', node1: { ip: '10.0.0.21', board: 'unheard-of' } },
        },
      } as unknown as Partial<BoardSetConfig>),
    );
    expect(error['code']).toBe('CONFIG_INVALID');
    const issues = (error['details'] as { issues: { key: string }[] }).issues.map(({ key }) => key);
    expect(issues.toSorted()).toEqual(['boards.shelf.ip', 'ssh.useAgent']);
  });

  it('may be of the one board of a configuration, which has no name', async () => {
    const cacheDir = await temporaryDirectory();
    const one = { ip: '10.0.0.2', node1: node('10.0.0.11'), cacheDir, plugins: [samplePlugin] };
    await using boards = await createBoardSet(one, { approve: 'all' });
    expect([...boards.clusters.keys()]).toEqual([undefined]);
    const { nodes } = await boards.runAll((cluster) => cluster.run(workflow), {
      nodes: [{ board: undefined, nodeId: 1 }],
    });
    expect(nodes).toMatchObject([{ hostname: 'turingpi-node1', outcome: 'completed' }]);
    expect(nodes[0]).not.toHaveProperty('board');
    expect(boards.cluster(undefined).stateFile).toMatch(/tpi_state\.json$/);
    expect(() => boards.cluster('shelf')).toThrow('no board "shelf"');
  });

  it('is not taken for one board', async () => {
    const error = await rejection(
      createTuringPi({
        boards: { shelf: { ip: '10.0.0.2' } },
        ip: '10.0.0.2',
        node1: node('10.0.0.11'),
      } as never),
    );
    expect(error['code']).toBe('CONFIG_INVALID');
    expect(error['hint']).toContain('createBoardSet');
  });
});

describe('records of several boards in one file', () => {
  const passphrase = new Secret('a long phrase that nobody guesses');
  const options = { place: 'lab.sealed', signal: new AbortController().signal };
  const standing = async ({ clusters }: BoardSet) =>
    Promise.all(
      [...clusters].map(async ([name, cluster]) => {
        const nodes = [...(await cluster.status())].filter(
          ([, { os_installation: installed }]) => installed.status === 'completed',
        );
        return `${String(name)}: ${nodes.map(([id]) => id).join(', ')}`;
      }),
    );
  const exported = async () => {
    const { boards } = await twoBoards();
    await boards.runAll((cluster) => cluster.run(workflow));
    return { boards, file: await boards.exportRecords(passphrase) };
  };

  it('are put on record elsewhere, each for its board', async () => {
    const { file } = await exported();
    expect(file).not.toContain('shelf');
    const { boards } = await twoBoards();
    const imported = await boards.importRecords(file, passphrase, options);
    expect([...imported]).toEqual([
      ['shelf', { nodes: ['Node1', 'Node2'], setAside: undefined }],
      ['rack', { nodes: ['Node1'], setAside: undefined }],
    ]);
    expect(await standing(boards)).toEqual(['shelf: 1, 2', 'rack: 1']);
  });

  it('change no board when one of them has records', async () => {
    const { file } = await exported();
    const { boards } = await twoBoards();
    await boards.runAll((cluster) => cluster.run(workflow), { nodes: [{ board: 'rack', nodeId: 1 }] });
    const error = await rejection(boards.importRecords(file, passphrase, options));
    expect(error['code']).toBe('STATE_NOT_EMPTY');
    expect(await standing(boards)).toEqual(['shelf: ', 'rack: 1']);
    const asides: string[] = [];
    await boards.importRecords(file, passphrase, {
      ...options,
      replace: true,
      onSetAside: (aside) => asides.push(aside),
    });
    expect(asides).toEqual([expect.stringContaining('rack.tpi_state.replaced-')]);
    expect(await standing(boards)).toEqual(['shelf: 1, 2', 'rack: 1']);
  });

  it('may be taken of one board, and never go to another one', async () => {
    const { boards: there, file } = await exported();
    const { boards: rack } = await twoBoards({ only: ['rack'] });
    const importing = (board?: string) => rack.importRecords(file, passphrase, { ...options, board });
    expect((await rejection(importing()))['code'], 'shelf would be lost').toBe('STATE_ARCHIVE_BOARDS');
    expect((await rejection(importing('attic')))['code']).toBe('STATE_ARCHIVE_BOARDS');
    await importing('rack');
    expect(await standing(rack)).toEqual(['rack: 1']);

    const ofShelf = await there.cluster('shelf').archive.export(passphrase);
    const { boards: both } = await twoBoards();
    const error = await rejection(both.importRecords(ofShelf, passphrase, options));
    expect(error, 'it does not say of which').toMatchObject({ code: 'STATE_ARCHIVE_BOARDS' });
    const { boards: shelf } = await twoBoards({ only: ['shelf'] });
    await shelf.importRecords(ofShelf, passphrase, { ...options, board: 'shelf' });
    expect(await standing(shelf)).toEqual(['shelf: 1, 2']);
    const { boards: one } = await twoBoards({ only: ['shelf'] });
    expect(await rejection(one.cluster('shelf').archive.import(file, passphrase, options))).toMatchObject({
      code: 'STATE_ARCHIVE_BOARDS',
    });
  });
});
