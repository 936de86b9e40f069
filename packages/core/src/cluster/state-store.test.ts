import { Node1 } from '@turingpi/foundation';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { definePlugin } from '../plugin/define-plugin.js';
import { FileStateStore } from '../state/file-state-store.js';
import type { StateStoreDriver, StateStoreRequest } from '../state/state-stores.js';
import {
  actionsStep,
  rejection,
  sampleCluster,
  samplePlugin,
  temporaryDirectory,
} from './sample-cluster.fixture.js';

/** A store that tells what is done with it. */
class SampleStore extends FileStateStore {
  readonly told: string[] = [];
  failures = 0;

  override append(...entry: Parameters<FileStateStore['append']>): Promise<void> {
    if (this.failures-- > 0) return Promise.reject(new Error('no room'));
    return super.append(...entry);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.told.push('closed');
    await super[Symbol.asyncDispose]();
  }
}

/** A plugin that brings a store, which it hands out. */
function sampleStores(id: string, name = 'stores') {
  const opened: SampleStore[] = [];
  const driver: StateStoreDriver = {
    id,
    summary: 'A sample.',
    open: ({ stateFile }) => {
      const store = new SampleStore(stateFile);
      opened.push(store);
      return store;
    },
  };
  return { plugin: definePlugin({ name, stateStores: [driver] }), opened };
}

describe('the store of the state', () => {
  it('is the one that the configuration names, and closed with the cluster', async () => {
    const { plugin, opened } = sampleStores('sample');
    const plugins = [samplePlugin, plugin];
    const { cluster } = await sampleCluster({ plugins, stateStore: 'sample' });
    expect(opened).toHaveLength(1);
    await cluster.run((context) => context.runJournaledPhase(actionsStep(['a'], [])))(Node1);
    expect((await opened[0]!.load()).Node1?.post_installation?.status).toBe('completed');
    expect(opened[0]!.told).toEqual([]);
    await cluster[Symbol.asyncDispose]();
    expect(opened[0]!.told).toEqual(['closed']);
  });

  it('is the file unless another one is named, also where a plugin brings one', async () => {
    const { plugin, opened } = sampleStores('sample');
    const { cluster } = await sampleCluster({ plugins: [samplePlugin, plugin] });
    expect(cluster.config.stateStore).toBe('file');
    expect(opened).toEqual([]);
  });

  it('that nobody brings is a mistake in the configuration, which names those that there are', async () => {
    const { plugin } = sampleStores('sample');
    const error = await rejection(sampleCluster({ plugins: [samplePlugin, plugin], stateStore: 'postgres' }));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { issues: [{ key: 'stateStore' }] } });
    expect(error.message).toContain('(known: file, sample)');
  });

  describe('with settings', () => {
    const asked: StateStoreRequest[] = [];
    const driver: StateStoreDriver = {
      id: 'shared',
      summary: 'A sample with settings.',
      settings: z.strictObject({ place: z.string(), copies: z.int().default(2) }),
      open: (request) => {
        asked.push(request);
        return new FileStateStore(request.stateFile);
      },
    };
    const plugins = [samplePlugin, definePlugin({ name: 'shared', stateStores: [driver] })];
    const issuesOf = async (config: Parameters<typeof sampleCluster>[0]) =>
      (await rejection(sampleCluster({ plugins, ...config }))) as unknown as {
        details: { issues: { key: string }[] };
      };

    it('is named by `state`, and gets them as its schema made them', async () => {
      const { cluster } = await sampleCluster({ plugins, state: { shared: { place: 'here' } } });
      expect(cluster.config.stateStore).toBe('shared');
      expect(asked.at(-1)).toMatchObject({
        settings: { place: 'here', copies: 2 },
        baseDir: cluster.config.baseDir,
      });
    });

    it.each([
      [{ state: { shared: { place: 1 } } }, 'state.shared.place'],
      [{ state: { shared: { place: 'here', plaec: 'there' } } }, 'state.shared.plaec'],
      [{ stateStore: 'shared' }, 'state.shared.place'],
      [{ state: { shraed: {} } }, 'state.shraed'],
      [{ state: { file: { place: 'here' } } }, 'state.file'],
      [{ state: { shared: { place: 'here' } }, stateStore: 'shared' }, 'stateStore'],
      [{ state: {} }, 'state'],
      [{ state: { shared: {}, file: {} } }, 'state'],
    ])('%j is a mistake, at its place', async (config, key) => {
      const { details } = await issuesOf(config);
      expect(details.issues).toMatchObject([{ key }]);
    });
  });

  it('may be replaced under its name', async () => {
    const { plugin, opened } = sampleStores('file', 'acme');
    const plugins = [samplePlugin, plugin];
    expect(await rejection(sampleCluster({ plugins }))).toMatchObject({ code: 'PLUGIN_DUPLICATE_ID' });
    await sampleCluster({ plugins, replace: { stateStores: { file: 'acme' } } });
    expect(opened).toHaveLength(1);
  });

  it('that does not open ends what was started before', async () => {
    const ended: string[] = [];
    const failure = new Error('no server');
    const driver = { id: 'down', summary: 'Down.', open: () => Promise.reject(failure) };
    const life = definePlugin({
      name: 'life',
      stateStores: [driver],
      start: () => ({ [Symbol.asyncDispose]: () => Promise.resolve(void ended.push('ended')) }),
    });
    const plugins = [samplePlugin, life];
    expect(await rejection(sampleCluster({ plugins, stateStore: 'down' }))).toBe(failure);
    expect(ended).toEqual(['ended']);
  });

  it('gets an action that it could not store with the next one', async () => {
    const { plugin, opened } = sampleStores('sample');
    const directory = await temporaryDirectory();
    const config = { plugins: [samplePlugin, plugin], stateStore: 'sample' };
    const { cluster } = await sampleCluster(config, { directory });
    const done: string[] = [];
    const step = actionsStep([], [], {
      run: async (_environment, journal) => {
        const act = (name: string) => journal.perform('run', name, async () => done.push(name));
        await act('a');
        opened[0]!.failures = 1;
        await act('b').catch(() => undefined);
        await act('c');
      },
    });
    await cluster.run((context) => context.runJournaledPhase(step))(Node1);
    expect(await cluster.journal(Node1)).toHaveLength(3);
    await cluster.run((context) => context.runJournaledPhase(step))(Node1);
    expect(done).toEqual(['a', 'b', 'c']);
  });
});
