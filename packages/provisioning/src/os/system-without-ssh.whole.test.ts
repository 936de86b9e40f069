import {
  createTuringPi,
  type CreateTuringPiOptions,
  type Context,
  type CustomizedImage,
  type InstalledNode,
} from '@turingpi/core/plugin';
import { Node1, Node2, type NodeId, Secret } from '@turingpi/foundation';
import type { ImageModifier } from '@turingpi/image';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../core/src/cluster/sample-cluster.fixture.js';
import { imageBuilderOf } from '../image/image-builder.js';
import { osInstallerOf } from '../installation/os-installer.js';
import { sshTargetFor } from '../login/node-login.js';
import { declarativeWorkflow } from '../workflow/declarative-workflow.js';
import { ApiSystem, IdleBoard, pluginOf, SMALL_IMAGE } from './api-system.fixture.js';

/** Two nodes of a system without SSH, on which nothing runs yet. */
async function twoNodes(system = new ApiSystem()) {
  const board = new IdleBoard();
  const config = {
    ip: '127.0.0.1',
    cacheDir: await temporaryDirectory(),
    node1: { ip: '127.0.0.11', board: 'idle', hostname: 'node1' },
    node2: { ip: '127.0.0.12', board: 'idle', hostname: 'node2' },
    plugins: [pluginOf(system, board)],
  };
  const made: {
    approve?: CreateTuringPiOptions['approve'];
    preInstall?: (image: ImageModifier) => Promise<void>;
    image?: CustomizedImage;
    installed?: InstalledNode;
    context?: Context;
  } = {};
  /** A run of a fresh program. */
  const up = async (...nodes: readonly NodeId[]) => {
    const cluster = await createTuringPi(config, { approve: made.approve ?? 'all' });
    const workflow = cluster.run(async (context) => {
      made.context = context;
      const builder = imageBuilderOf('api-os').withBaseImage(SMALL_IMAGE);
      if (made.preInstall) builder.withPreInstall(made.preInstall);
      made.image = await builder.run(context);
      made.installed = await osInstallerOf('api-os').usingImage(made.image).run(context);
    });
    return (await cluster.runAll(workflow, { nodes })).nodes.map(({ outcome, phases, error }) => {
      if (outcome === 'failed') throw error;
      return { outcome, installation: phases.os_installation.outcome };
    });
  };
  return { system, board, config, made, up };
}

const DONE = [{ outcome: 'completed', installation: 'completed' }];
const SKIPPED = [{ outcome: 'completed', installation: 'skipped' }];

describe('a system without SSH', () => {
  it('proves which installation it is by the keys that are in its image', async () => {
    const { system, made, up } = await twoNodes();
    expect(await up(Node1)).toEqual(DONE);
    const keys = system.applied[0]?.hostKeys.map(({ publicKey }) => publicKey);
    expect(keys).toHaveLength(2);
    expect([made.image?.hostKeys, made.installed?.hostKeys]).toEqual([keys, keys]);
    system.questions.length = 0;
    expect(await up(Node1)).toEqual(SKIPPED);
    expect(system.questions.map(({ hostKeys }) => hostKeys)).toEqual([keys]);
  });

  it('is not reachable while it does not answer, and blocked when another one answers', async () => {
    const { system, made, up } = await twoNodes();
    await up(Node1);
    made.approve = 'none';
    system.answer = { answer: 'none', why: 'it is silent' };
    expect(await up(Node1)).toEqual([{ outcome: 'unreachable', installation: 'skipped' }]);
    system.answer = { answer: 'expected' };
    expect(await up(Node1)).toEqual(SKIPPED);
    system.answer = { answer: 'other', why: 'it has another key' };
    expect(await up(Node1)).toEqual([{ outcome: 'blocked', installation: 'blocked' }]);
  });

  it('is finished by its record where it cannot be asked, and has no keys then', async () => {
    const mute: Partial<Pick<ApiSystem, 'whoAnswers'>> & ApiSystem = new ApiSystem();
    Object.assign(mute, { whoAnswers: undefined });
    const { made, up } = await twoNodes(mute);
    expect(await up(Node1)).toEqual(DONE);
    expect(made.installed?.hostKeys).toEqual([]);
    expect(await up(Node1)).toEqual(SKIPPED);
  });

  it('has nobody who could log in, and whoever wants to is told so', async () => {
    const { made, up } = await twoNodes();
    await up(Node1);
    const { context, installed } = made;
    expect(installed).not.toHaveProperty('username');
    expect(() => sshTargetFor(context!, installed!, {})).toThrow(
      expect.objectContaining({ code: 'LOGIN_IMPOSSIBLE', hint: expect.any(String) as string }),
    );
  });

  it('is known to run while its neighbour is installed', async () => {
    const { system, board, made, up } = await twoNodes();
    await up(Node1);
    const keys = made.installed?.hostKeys;
    await up(Node2);
    const asked = board.requests.at(-1);
    system.questions.length = 0;
    expect(await asked?.isRunning?.(Node1, undefined)).toBe(true);
    expect(system.questions).toMatchObject([{ node: { id: Node1 }, hostKeys: keys }]);
    system.answer = { answer: 'none', why: 'it is off' };
    expect(await asked?.isRunning?.(Node1, undefined)).toBe(false);
  });

  it('is finished by a declared workflow without steps, and refuses steps before anything is made', async () => {
    const { system, board, config } = await twoNodes();
    const declared = async (postInstall: readonly unknown[]) => {
      const workflow = { baseImages: { 'api-os': SMALL_IMAGE }, postInstall };
      const node1 = { ...config.node1, os: 'api-os' };
      const { ip, cacheDir, plugins } = config;
      const cluster = await createTuringPi({ ip, cacheDir, plugins, node1, workflow }, { approve: 'all' });
      const run = cluster.run(declarativeWorkflow(cluster, { environment: {} }));
      const { nodes } = await cluster.runAll(run);
      return { node: nodes[0]!, records: (await cluster.status()).get(Node1) };
    };
    const refused = await declared([{ run: 'uptime' }]);
    expect(refused.node).toMatchObject({ outcome: 'failed', error: { code: 'COMMANDS_IMPOSSIBLE' } });
    expect([system.applied, board.requests]).toEqual([[], []]);
    const { node, records } = await declared([]);
    expect(node).toMatchObject({
      outcome: 'completed',
      phases: { post_installation: { outcome: 'completed' } },
    });
    expect(records?.post_installation).toMatchObject({ status: 'completed', output: { actions: 0 } });
    expect((await declared([])).node.phases.post_installation.outcome).toBe('skipped');
    const here = await declared([{ runLocal: [process.execPath, '--version'] }]); // needs no node
    expect(here.node.phases.post_installation.outcome).toBe('completed');
  });

  it('gets secrets of its own, which decide the image and are in no record', async () => {
    const { system, made, up } = await twoNodes();
    system.secretSources = { join: new Secret('join-1') };
    made.preInstall = async (image) => {
      await image.readFile('/etc/machine');
    };
    expect(await up(Node1)).toEqual(DONE);
    expect(system.seen).toEqual(['', 'join-1']); // the callback sees no secret
    expect(JSON.stringify([made.image, made.installed])).not.toContain('join-1');
    expect(made.image?.inputs).toHaveProperty(['os.join'], expect.stringMatching(/^[0-9a-f]{64}$/));
    expect(await up(Node1)).toEqual(SKIPPED);
    made.approve = 'none';
    system.secretSources = { join: new Secret('join-2') };
    expect(await up(Node1)).toEqual([{ outcome: 'blocked', installation: 'not run' }]);
  });

  it('is not made when a secret of its own is not there', async () => {
    const { system, up } = await twoNodes();
    system.secretSources = { join: { env: 'NOT_THERE' } };
    await expect(up(Node1)).rejects.toMatchObject({ code: 'CREDENTIAL_UNREADABLE' });
    expect(system.seen).toEqual([]);
  });
});

it('is new when it is silent where its system answers, whatever is said where SSH would be', async () => {
  const { system, made, up } = await twoNodes();
  made.approve = 'new';
  system.answer = { answer: 'none', why: 'it is silent' };
  expect(await up(Node1)).toMatchObject([{ installation: 'completed' }]);
});

it('erases the disk that its strategy names, and is asked for that one once', async () => {
  const { board, made, up } = await twoNodes();
  const asked: string[] = [];
  made.approve = ({ disk }) => asked.push(disk) > 0;
  expect(await up(Node1)).toEqual(DONE);
  expect(board.requests[0]?.permit?.erasure).toMatchObject({ node: Node1, disk: 'usb' });
  expect(asked).toEqual(['usb']);
});
