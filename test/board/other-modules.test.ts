import { type NodeId, type Progress, withNamedNodes } from '@turingpi/foundation';
import type { VirtualBoardOptions } from '@turingpi/virtual-board';
import { describe, expect, test } from 'vitest';
import {
  type ApprovingClient,
  type BoardFixture,
  emmcBytes,
  FAST,
  installedEmmcs,
  permitFor,
  PromptMachine,
  rawImage,
  startBoard,
} from './board-fixture.js';

const MB = 1 << 20;

/** A board whose modules hold a system each, which is silent for a while after it was switched on. */
function boardWithSystems(silentMs = 0, options: VirtualBoardOptions = {}): Promise<BoardFixture> {
  return startBoard({
    prepareDir: (dir) => installedEmmcs(dir, [1, 2, 3, 4]),
    createMachine: (machine) => Promise.resolve(new PromptMachine(machine, silentMs)),
    ...options,
  });
}

async function whatIsOn({ board }: BoardFixture, node: NodeId): Promise<string> {
  return (await emmcBytes(board, node, 64)).toString('latin1');
}

describe('another module on a board with a hub', () => {
  test('in USB boot, with a console full of an earlier system: the flash is refused and nothing is changed', async () => {
    await using fixture = await boardWithSystems();
    const { board } = fixture;
    const client = fixture.client();
    await client.switchOn(1);
    await client.bootEnded(1);
    await board.enterUsbBoot(1); // the buffer is as it was: nothing clears it
    expect(await client.console.read(1)).toContain('node login: ');
    board.clearPinLog();
    await expect(client.flashNode({ node: 2, image: rawImage(MB) })).rejects.toMatchObject({
      code: 'BMC_FLASH_OTHER_NODES_ON',
      details: { target: 2, nodes: [1] },
      hint: expect.stringContaining('turingpi node power off --node 1') as string,
    });
    expect(board.pinLog).toEqual([]);
    expect(await whatIsOn(fixture, 1)).toBe('what node 1 holds');
    expect(await client.silentNodes()).toEqual([1]);
    await withNamedNodes([1], 'test', () => client.power.off(1));
    await client.flashNode({ node: 2, image: rawImage(MB) });
    expect(await whatIsOn(fixture, 1)).toBe('what node 1 holds');
  });

  test('whose system answers is left alone, and the result says what the board does not prove', async () => {
    await using fixture = await boardWithSystems();
    const client = fixture.client();
    await client.power.on(1);
    fixture.board.clearPinLog();
    const image = rawImage(MB);
    const { targetProven } = await client.flashNode({ node: 2, image });
    expect(targetProven).toBe(false);
    expect((await emmcBytes(fixture.board, 2, MB)).equals(image.raw)).toBe(true);
    expect(fixture.board.pinLog.join('\n')).not.toMatch(/power node[134]/);
  });

  test('that another tool puts into USB boot after our look: no success is reported', async () => {
    await using fixture = await boardWithSystems(0, { judge: {} }); // what it finds is looked at here
    const { board } = fixture;
    const image = rawImage(MB);
    const open = image.open.bind(image);
    const flashing = fixture.client().flashNode({
      node: 2,
      attempts: 1,
      image: { ...image, open },
      progress: ({ note }) => note === 'the BMC starts the module' && void board.enterUsbBoot(1),
    });
    const outcome = await flashing.then(
      () => 'flashed',
      (cause: unknown) => (cause as { code: string }).code,
    );
    const overwritten = (await whatIsOn(fixture, 1)) !== 'what node 1 holds';
    expect(board.findings).toEqual(overwritten ? [{ what: 'write', node: 1, client: 'root' }] : []);
    if (overwritten) expect(outcome).toBe('BMC_FLASH_TARGET_UNPROVEN');
    else expect(['BMC_FLASH_TARGET_UNPROVEN', 'BMC_FLASH_OTHER_NODES_ON', 'flashed']).toContain(outcome);
  });

  test('a board with a switch sees its target only, and proves it', async () => {
    await using fixture = await startBoard({
      boardRevision: 'v2.4',
      prepareDir: (dir) => installedEmmcs(dir, [1]),
    });
    await fixture.board.enterUsbBoot(1);
    const { targetProven } = await fixture.client().flashNode({ node: 2, image: rawImage(MB) });
    expect(targetProven).toBe(true);
    expect(await whatIsOn(fixture, 1)).toBe('what node 1 holds');
  });
});

describe('a board with a switch', () => {
  const single = { boardRevision: 'v2.4' } as const;

  test('that another tool turns to its own module while ours starts: no success is reported', async () => {
    await using fixture = await startBoard({
      ...single,
      judge: {}, // what it finds is looked at here
      clock: { scale: 20 },
      prepareDir: (dir) => installedEmmcs(dir, [1]),
    });
    const { board } = fixture;
    let turned: Promise<void> | undefined;
    const watching = setInterval(() => {
      if (board.pinLog.includes('power node2 1')) turned ??= board.enterUsbBoot(1);
    }, 1);
    const flashing = fixture.client().flashNode({ node: 2, image: rawImage(MB) });
    await expect(flashing.finally(() => clearInterval(watching))).rejects.toMatchObject({
      code: 'BMC_FLASH_TARGET_UNPROVEN',
      details: { node: 2, nodes: [1] },
    });
    await turned;
    expect(board.findings).toEqual([{ what: 'write', node: 1, client: 'root' }]);
    expect(await whatIsOn(fixture, 1)).not.toBe('what node 1 holds');
  });

  test('proves its target also while a silent module is on that was on before, or that we switched on', async () => {
    await using fixture = await boardWithSystems(60_000, single);
    const { board } = fixture;
    const client = fixture.client();
    await board.switchPower(1, true);
    const flash = () =>
      client.flashNode({
        node: 2,
        image: rawImage(MB),
        progress: ({ note }) => note === 'the BMC starts the module' && void client.switchOn(3),
      });
    expect(await flash()).toMatchObject({ targetProven: true, remarks: [] });
    expect(board.nodes[2]!.powered).toBe(true);
    await board.switchPower(1, false);
    const interfered = client.flashNode({
      node: 2,
      image: rawImage(MB),
      attempts: 1,
      permit: permitFor(2, () => board.switchPower(1, true)),
    });
    await expect(interfered).rejects.toMatchObject({
      code: 'BMC_FLASH_TARGET_UNPROVEN',
      details: { nodes: [1] },
    });
  });
});

test('what is switched on when the bring-up is long over is no suspect, also while bytes are still sent', async () => {
  await using fixture = await boardWithSystems(60_000, { networkBytesPerSecond: 16 * MB });
  const { board } = fixture;
  const image = rawImage(60 * MB);
  let switched: Promise<void> | undefined;
  const { remarks } = await fixture.client().flashNode({
    node: 2,
    image,
    progress: ({ done = 0 }) => {
      if (done > 56 * MB) switched ??= board.switchPower(1, true);
    },
  });
  await switched;
  expect(remarks).toEqual([]);
  expect(board.nodes[0]!.powered).toBe(true);
});

describe('a node that was just switched on', () => {
  test('is waited for while it is silent, by the same process and by another, and never switched off', async () => {
    await using fixture = await boardWithSystems(600);
    const { board } = fixture;
    await fixture.client().switchOn(1);
    board.clearPinLog();
    const notes: (string | undefined)[] = [];
    const image = rawImage(MB);
    await fixture.client().flashNode({ node: 2, image, progress: ({ note }: Progress) => notes.push(note) });
    expect(notes).toContain('waiting for node 1, which was just switched on, to show its system');
    expect(board.pinLog.join('\n')).not.toContain('power node1');
    expect((await emmcBytes(board, 2, MB)).equals(image.raw)).toBe(true);
  });

  test('that never shows a system is named when its time is over, or its boot was given up', async () => {
    await using fixture = await boardWithSystems(60_000);
    const client = fixture.client({ flashTimings: { ...FAST.flashTimings, bootMs: 300 } });
    await client.switchOn(1);
    await expect(client.flashNode({ node: 2, image: rawImage(MB) })).rejects.toMatchObject({
      code: 'BMC_FLASH_OTHER_NODES_ON',
      details: { nodes: [1] },
    });
    const other = fixture.client();
    await other.switchOn(3);
    await other.bootEnded(3);
    await expect(other.flashNode({ node: 2, image: rawImage(MB) })).rejects.toMatchObject({
      details: { nodes: [1, 3] },
    });
  });

  test('had power already: then nothing boots because of it, and nobody waits', async () => {
    await using fixture = await boardWithSystems(60_000);
    await fixture.board.switchPower(1, true);
    const client = fixture.client();
    await client.switchOn(1);
    const notes: (string | undefined)[] = [];
    await expect(
      client.flashNode({ node: 2, image: rawImage(MB), progress: ({ note }: Progress) => notes.push(note) }),
    ).rejects.toMatchObject({ code: 'BMC_FLASH_OTHER_NODES_ON', details: { nodes: [1] } });
    expect(notes.filter((note) => note?.includes('just switched on'))).toEqual([]);
  });

  test('has power only when the flashes that were waiting are done', async () => {
    await using fixture = await boardWithSystems(300);
    const { board } = fixture;
    const client = fixture.client();
    const images = { 1: rawImage(MB), 2: rawImage(MB), 3: rawImage(MB) };
    const order: string[] = [];
    await Promise.all(
      ([1, 2, 3] as const).map(async (node) => {
        await flashed(client, node, images[node], order);
        await client.switchOn(node);
        order.push(`on ${node}`);
      }),
    );
    expect(order.slice(0, 3).sort()).toEqual(['flashed 1', 'flashed 2', 'flashed 3']);
    for (const node of [1, 2, 3] as const)
      expect((await emmcBytes(board, node, MB)).equals(images[node].raw)).toBe(true);
    const cuts = board.pinLog.filter((line) => /^power node\d 0$/.test(line));
    // Off before the start, off in the bring-up, off at the end: of each node, and none after it was switched on.
    for (const node of [1, 2, 3]) {
      const last = board.pinLog.lastIndexOf(`power node${node} 1`);
      expect(board.pinLog.slice(last)).not.toContain(`power node${node} 0`);
    }
    expect(cuts.length).toBeGreaterThan(0);
  });
});

test('a node is switched on when flashes that are due and have not come to the board yet are done', async () => {
  await using fixture = await boardWithSystems(300);
  const notes: string[] = [];
  let isDue = true;
  await fixture.client().switchOn(1, {
    flashesAreDue: () => isDue,
    onWait: (note) => {
      notes.push(note);
      expect(fixture.board.nodes[0]!.powered).toBe(false);
      isDue = false;
    },
  });
  expect(notes).toEqual(['node 1 is switched on when the flashes of other nodes are done']);
  expect(fixture.board.nodes[0]!.powered).toBe(true);
});

async function flashed(
  client: ApprovingClient,
  node: NodeId,
  image: ReturnType<typeof rawImage>,
  order: string[],
): Promise<void> {
  await client.flashNode({ node, image });
  order.push(`flashed ${node}`);
}
