import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors/config-error.js';
import type { EventListener } from '../event/event.js';
import { silentLogger, Node1, Node2, Node3, type NodeId, Secret } from '@turingpi/foundation';
import { definePlugin } from '../plugin/define-plugin.js';
import type { EndedRun } from '../plugin/ended-run.js';

import {
  actionsStep,
  imageStep,
  installationStep,
  SAMPLE_IMAGE,
  rejection,
  sampleCluster,
  samplePlugin,
  temporaryDirectory,
  SAMPLE_BOARDS,
  SAMPLE_SYSTEMS,
} from './sample-cluster.fixture.js';
import type { Context } from './context.js';

describe('a workflow', () => {
  it('gets the node with the defaults filled in', async () => {
    const { cluster, directory } = await sampleCluster({
      network: { gateway: '10.0.0.1', dnsServers: ['9.9.9.9'], hostnamePattern: 'rack-{id}' },
      bmc: { password: 'pw' },
      ssh: { username: 'me' },
    });
    let seen: Context | undefined;
    await cluster.run(async (context, node) => {
      seen = context;
      expect(node).toBe(context.node);
    })(Node2);
    expect(seen?.node).toEqual({
      id: 2,
      config: { ip: '10.0.0.12', board: 'rk1' },
      ipAddress: '10.0.0.12',
      hostname: 'rack-2',
      gateway: '10.0.0.1',
      dnsServers: ['9.9.9.9'],
      prefixLength: 24,
    });
    expect(seen?.cacheDir).toBe(directory);
    expect(seen?.extensions.get(SAMPLE_BOARDS, 'rk1').id).toBe('rk1');
    expect(seen?.extensions.get(SAMPLE_SYSTEMS, 'ubuntu').id).toBe('ubuntu');
    expect(() => seen?.extensions.get(SAMPLE_SYSTEMS, 'plan9')).toThrow(
      expect.objectContaining({ code: 'PLUGIN_NOT_FOUND' }) as Error,
    );
    expect(seen?.credentials.bmc).toMatchObject({ username: 'root' });
    expect(seen?.credentials.bmc.password?.reveal()).toBe('pw');
    expect(seen?.credentials.ssh.username).toBe('me');
  });

  it('throws what it throws, and refuses a node that is not configured', async () => {
    const { cluster, events } = await sampleCluster();
    const error = new ConfigError('CONFIG_INVALID', 'mine', { hint: 'ask' });
    const provision = cluster.run(async () => Promise.reject(error));
    expect(await rejection(provision(Node1))).toBe(error);
    expect(events.map(({ type }) => type)).toEqual(['node:started', 'node:failed']);
    expect(events[1]).toMatchObject({
      nodeId: 1,
      hostname: 'turingpi-node1',
      code: 'CONFIG_INVALID',
      message: 'mine',
    });
    expect(await rejection(provision(Node3))).toMatchObject({ code: 'NODE_NOT_CONFIGURED' });
    expect(await rejection(cluster.runAll(provision, { nodes: [Node3] }))).toMatchObject({
      code: 'NODE_NOT_CONFIGURED',
    });
  });

  it('runs once at a time for one node', async () => {
    const { cluster } = await sampleCluster();
    const ran: NodeId[] = [];
    const provision = cluster.run(async (_, node) => {
      await expect(provision(Node1)).rejects.toMatchObject({ code: 'PHASE_ALREADY_RUNNING' });
      ran.push(node.id);
    });
    await provision(Node1);
    await provision(Node1);
    expect(ran).toEqual([Node1, Node1]);
  });
});

describe('runAll', () => {
  it('goes on with the others when one node fails, and tells each outcome', async () => {
    const { cluster } = await sampleCluster();
    const provision = cluster.run(async (context, node) => {
      await context.runPhase(imageStep());
      if (node.id === Node1) throw new ConfigError('CONFIG_INVALID', 'no', { hint: 'ask' });
      await context.runPhase(installationStep());
      await context.runJournaledPhase(actionsStep(['a'], []));
    });
    const summary = await cluster.runAll(provision);
    expect(summary.completed).toBe(false);
    expect(summary.nodes).toMatchObject([
      {
        nodeId: 1,
        hostname: 'turingpi-node1',
        outcome: 'failed',
        error: { code: 'CONFIG_INVALID' },
        phases: {
          image_customization: { outcome: 'completed' },
          os_installation: { outcome: 'not run' },
          post_installation: { outcome: 'not run' },
        },
      },
      {
        nodeId: 2,
        outcome: 'completed',
        error: undefined,
        phases: {
          image_customization: { outcome: 'completed' },
          os_installation: { outcome: 'completed' },
          post_installation: { outcome: 'completed' },
        },
      },
    ]);

    const again = await cluster.runAll(provision, { nodes: [Node2, Node2] });
    expect(again.completed).toBe(true);
    expect(again.nodes.map(({ phases }) => Object.values(phases).map(({ outcome }) => outcome))).toEqual([
      ['skipped', 'skipped', 'skipped'],
    ]);
  });

  it('tells nodes that were stopped from nodes that failed', async () => {
    const { cluster, events } = await sampleCluster();
    const abort = new AbortController();
    const provision = cluster.run(async (context, node) => {
      if (node.id === Node1) throw new Error('before the stop');
      await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      await context.runPhase(imageStep());
    });
    const summary = await cluster.runAll(provision, { signal: abort.signal });
    expect(summary.nodes.map(({ outcome }) => outcome)).toEqual(['failed', 'aborted']);
    expect(events.filter(({ type }) => type === 'node:aborted')).toMatchObject([{ nodeId: 2 }]);
  });

  it('customises one image at a time and installs meanwhile', async () => {
    const { cluster } = await sampleCluster();
    const log: string[] = [];
    let secondImage: () => void = () => undefined;
    const secondImageBegan = new Promise<void>((resolve) => (secondImage = resolve));
    await cluster.runAll(
      cluster.run(async (context, node) => {
        const image = imageStep();
        await context.runPhase({
          ...image,
          run: async (environment) => {
            log.push(`image ${node.id} begins`);
            if (node.id === Node2) secondImage();
            await new Promise((resolve) => setImmediate(resolve));
            log.push(`image ${node.id} ends`);
            return image.run(environment);
          },
        });
        const installation = installationStep();
        await context.runPhase({
          ...installation,
          run: async (environment) => {
            // Would wait for ever if the second image waited for the end of the first node.
            if (node.id === Node1) await secondImageBegan;
            return installation.run(environment);
          },
        });
      }),
    );
    expect(log).toEqual(['image 1 begins', 'image 1 ends', 'image 2 begins', 'image 2 ends']);
  });
});

describe('events', () => {
  it('come in order, with node and time', async () => {
    const { cluster, events } = await sampleCluster({}, { now: () => new Date('2026-01-01T00:00:00Z') });
    const step = imageStep();
    await cluster.run(async (context) => {
      await context.runPhase({
        ...step,
        run: async (environment) => {
          environment.progress({ activity: 'copy', done: 1, total: 2, unit: 'bytes' });
          return step.run(environment);
        },
      });
    })(Node1);
    const of = { nodeId: 1, hostname: 'turingpi-node1', at: '2026-01-01T00:00:00.000Z' };
    const phase = 'image_customization';
    const waitedMs = expect.any(Number) as number;
    expect(events).toEqual([
      { type: 'node:started', ...of },
      { type: 'resource:acquired', phase, resource: 'image-work', waitedMs, ...of },
      { type: 'phase:started', phase, reason: 'first run', ...of },
      {
        type: 'phase:progress',
        phase,
        progress: { activity: 'copy', done: 1, total: 2, unit: 'bytes' },
        ...of,
      },
      { type: 'resource:released', phase, resource: 'image-work', ...of },
      { type: 'phase:completed', phase, durationMs: 0, ...of },
      { type: 'node:completed', durationMs: 0, ...of },
    ]);
  });

  it('reach the hooks of plugins; what listeners do or throw changes nothing', async () => {
    const warnings: object[] = [];
    const logger = { ...silentLogger, warn: (fields: object) => void warnings.push(fields) };
    const seen: string[] = [];
    const watcher = definePlugin({
      name: 'watcher',
      hooks: {
        onEvent: (event) => {
          seen.push(event.type);
          Object.assign(event, { nodeId: 4 });
        },
      },
    });
    const { cluster, events } = await sampleCluster({ plugins: [samplePlugin, watcher] }, { logger });
    const asynchronous: unknown = async () => Promise.reject(new Error('later'));
    const unsubscribe = cluster.subscribe(asynchronous as EventListener);
    await cluster.run(async () => undefined)(Node1);
    expect(seen).toEqual(['node:started', 'node:completed']);
    expect(events.map(({ nodeId }) => nodeId)).toEqual([1, 1]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toHaveLength(4);
    unsubscribe();
    await cluster.run(async () => undefined)(Node1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toHaveLength(6);
  });
});

describe('what plugins do after a run', () => {
  it('is done once, when the last node has ended, and changes nothing when it fails', async () => {
    const warnings: object[] = [];
    const logger = { ...silentLogger, warn: (fields: object) => void warnings.push(fields) };
    const ended: EndedRun[] = [];
    const hooks = (name: string, afterRun: (run: EndedRun) => Promise<void>) =>
      definePlugin({ name, hooks: { afterRun } });
    const plugins = [
      samplePlugin,
      hooks('failing', () => Promise.reject(new Error('no'))),
      hooks('counting', (run) => {
        ended.push(run);
        return Promise.resolve();
      }),
    ];
    const { cluster } = await sampleCluster({ plugins }, { logger });
    const before = Date.now();
    const summary = await cluster.runAll(
      cluster.run(async (_, node) => {
        expect(ended).toEqual([]);
        await new Promise((resolve) => setImmediate(resolve));
        if (node.id === 1) throw new Error('failed');
      }),
    );
    expect(summary.nodes.map(({ outcome }) => outcome)).toContain('failed');
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject({ config: cluster.config });
    expect(await ended[0]?.recordedImages()).toEqual({
      digests: new Map(),
      running: false,
      unreadable: false,
    });
    expect(ended[0]?.startedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(warnings).toHaveLength(1);
    await cluster.run(async () => undefined)(Node1);
    expect(ended).toHaveLength(2);
  });
});

describe('images that a run has put others in the place of', () => {
  /** Provisions node 1 from an image of that name. @returns Of each run, what is told at its end. */
  async function provisioner() {
    const ended: EndedRun[] = [];
    const counting = definePlugin({
      name: 'counting',
      hooks: { afterRun: async (run) => void ended.push(run) },
    });
    const sample = await sampleCluster({ plugins: [samplePlugin, counting] });
    const up = async (name: string, { install = true } = {}) => {
      const image = { ...SAMPLE_IMAGE, path: `${name}.img.xz`, sha256: name };
      const inputs = { name };
      await sample.cluster.run(async (context) => {
        await context.runPhase(imageStep({ inputs, run: async () => image }));
        if (install) await context.runPhase(installationStep({ inputs, stands: async () => false }));
      })(Node1);
      return ended.at(-1)?.replacedImages();
    };
    return { ...sample, up, file: (name: string) => path.join(sample.directory, `${name}.img.xz`) };
  }

  it('are told of with their digests, once their node has what the new one became', async () => {
    const { cluster, up, file } = await provisioner();
    expect(await up('first')).toEqual(new Map());
    expect(await up('second', { install: false }), 'it is what the node runs').toEqual(new Map());
    expect((await cluster.recordedImages()).digests).toEqual(
      new Map([
        [file('second'), 'second'],
        [file('first'), undefined],
      ]),
    );
    expect(await up('third')).toEqual(
      new Map([
        [file('first'), 'first'],
        [file('second'), 'second'],
      ]),
    );
    expect(await up('third')).toEqual(new Map());
  });

  it('are none that other records in the directory name', async () => {
    const { directory, up } = await provisioner();
    await up('first');
    const timestamp = '2026-01-02T03:04:05.678Z';
    const theirs = { status: 'completed', timestamp, output_image_path: 'first.img.xz' };
    const other = { version: 2, Node3: { image_customization: theirs } };
    await writeFile(path.join(directory, 'other.json'), JSON.stringify(other));
    expect(await up('second')).toEqual(new Map());
  });
});

describe('secrets that builders were given', () => {
  it('are blotted out of events and state, once they are registered', async () => {
    const sample = await sampleCluster();
    await rejection(
      sample.cluster.run(async (context) => {
        context.registerSecret(new Secret('told-the-builder'));
        await context.runPhase(
          imageStep({
            run: ({ progress }) => {
              progress({ activity: 'copy', note: 'with told-the-builder in it' });
              throw new Error('told-the-builder does not fit');
            },
          }),
        );
      })(Node1),
    );
    const told = JSON.stringify([sample.events, await sample.state()]);
    expect(told).toContain('with [secret] in it');
    expect(told).toContain('[secret] does not fit');
    expect(told).not.toContain('told-the-builder');
  });

  it('are blotted out of the error that a run ends with, and of all that is underneath', async () => {
    const { cluster } = await sampleCluster();
    const cause = new Error('refused told-the-builder', { cause: new Error('sent told-the-builder') });
    const thrown = new ConfigError('CONFIG_INVALID', 'told-the-builder does not fit', {
      cause,
      hint: 'Do not say told-the-builder.',
      details: { issues: [{ key: 'password', message: 'is told-the-builder' }], attempts: 1 },
    });
    const provision = cluster.run(async (context) => {
      context.registerSecret(new Secret('told-the-builder'));
      return Promise.reject(thrown);
    });
    const { nodes } = await cluster.runAll(provision, { nodes: [Node1] });
    expect(nodes[0]?.error).toBe(thrown);
    expect(await rejection(provision(Node1))).toBe(thrown);
    expect(thrown).toMatchObject({
      code: 'CONFIG_INVALID',
      message: '[secret] does not fit',
      hint: 'Do not say [secret].',
      details: { issues: [{ key: 'password', message: 'is [secret]' }], attempts: 1 },
      cause: { message: 'refused [secret]', cause: { message: 'sent [secret]' } },
    });
    expect(inspect(thrown, { depth: 9 })).not.toContain('told-the-builder');
  });

  it('are blotted out of the cause of a failed phase, too', async () => {
    const { cluster } = await sampleCluster();
    const error = await rejection(
      cluster.run(async (context) => {
        context.registerSecret(new Secret('told-the-builder'));
        await context.runPhase(imageStep({ run: () => Promise.reject(new Error('told-the-builder')) }));
      })(Node1),
    );
    expect(error).toMatchObject({ code: 'PHASE_FAILED', cause: { message: '[secret]' } });
  });
});

describe('status', () => {
  it('tells every phase of every configured node', async () => {
    const { cluster } = await sampleCluster();
    const statuses = async () =>
      [...(await cluster.status())].map(([id, phases]) => [
        id,
        ...Object.values(phases).map(({ status }) => status),
      ]);
    expect(await statuses()).toEqual([
      [1, 'pending', 'pending', 'pending'],
      [2, 'pending', 'pending', 'pending'],
    ]);
    await cluster.run(async (context) => {
      await context.runPhase(imageStep());
    })(Node1);
    expect((await statuses())[0]).toEqual([1, 'completed', 'pending', 'pending']);
  });
});

describe('createTuringPi', () => {
  it('makes the cache directory, and says so when it cannot', async () => {
    const directory = await temporaryDirectory();
    const cacheDir = path.join(directory, 'a', 'b');
    await sampleCluster({ cacheDir });
    await access(cacheDir);
    await writeFile(path.join(directory, 'file'), '');
    const error = await rejection(sampleCluster({ cacheDir: path.join(directory, 'file') }));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(error.message).toContain(path.join(directory, 'file'));
  });

  it('names every board and operating system that no plugin brings', async () => {
    const error = await rejection(
      sampleCluster({
        node1: { ip: '10.0.0.11', board: 'rk2' },
        node2: { ip: '10.0.0.12', board: 'rk1', os: 'plan9' },
      }),
    );
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      details: { issues: [{ key: 'node1.board' }, { key: 'node2.os' }] },
    });
    expect(error.message).toContain('the board "rk2", which no plugin brings (known: rk1)');
  });
});
