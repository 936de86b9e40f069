import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { configOf, defineConfigKey } from '../config/config-keys.js';
import { CLUSTER_CONFIG } from '../di/tokens.js';
import { definePlugin, type Plugin, type PluginDefinition } from '../plugin/define-plugin.js';
import { writePackage, writeProject } from '../plugin/plugin-package.fixture.js';
import { createTuringPi, type CreateTuringPiOptions } from './create-turing-pi.js';
import { examineCluster } from './examine-cluster.js';
import { rejection, SAMPLE_BOARDS, SampleBoard, temporaryDirectory } from './sample-cluster.fixture.js';

declare module '../config/contributed-config.js' {
  interface ContributedConfig {
    shelf: { name: string };
  }
}

const SHELF = defineConfigKey({
  id: 'shelf',
  title: 'where the board stands',
  schema: z.strictObject({ name: z.string(), slot: z.int().default(1) }),
});
const LABEL = defineConfigKey({
  id: 'label',
  title: 'what is written on it',
  schema: z.string().default('none'),
});

const withKeys = (name: string, ...configKeys: readonly unknown[]): Plugin =>
  definePlugin({ name, configKeys } as PluginDefinition);
const boards = definePlugin({
  name: 'boards',
  extensionPoints: [SAMPLE_BOARDS],
  boards: [SampleBoard],
} as unknown as PluginDefinition);

const OWN = new Set(['ip', 'node1', 'plugins']);
const CONFIG = { ip: '10.0.0.2', node1: { ip: '10.0.0.11', board: 'rk1' } };

/** What is wrong in a configuration with these keys, as `key: message`. */
async function said(more: object, ...plugins: readonly (Plugin | string)[]) {
  const examined = await examineCluster({ ...CONFIG, ...more, plugins }, { baseDir: '/', environment: {} });
  return { ...examined, said: examined.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

describe('a configuration with the keys of plugins', () => {
  it('is what their schemas make of it, with a type', async () => {
    const { config, issues } = await said({ shelf: { name: 'A' } }, withKeys('one', SHELF, LABEL));
    expect(issues).toEqual([]);
    const shelf = configOf(config, SHELF);
    expectTypeOf(shelf).toEqualTypeOf<{ name: string; slot: number } | undefined>();
    expect(shelf).toEqual({ name: 'A', slot: 1 });
    expect(configOf(config, LABEL)).toBe('none');
    expect(config.contributed).toEqual({ shelf: { name: 'A', slot: 1 }, label: 'none' });
  });

  it('may lack a key that has no default', async () => {
    const { config, issues } = await said({}, withKeys('one', SHELF));
    expect([issues, configOf(config, SHELF)]).toEqual([[], undefined]);
    expect(configOf(config, { ...SHELF, id: 'valueOf' })).toBeUndefined(); // which every object has
  });

  it('knows the keys of plugins that are only required', async () => {
    const outer = definePlugin({ name: 'outer', requires: [withKeys('inner', SHELF)] });
    expect((await said({ shelf: { name: 'A' } }, outer)).issues).toEqual([]);
  });

  it('has everything that is wrong told at once', async () => {
    const wrong = { shelf: { nam: 'A' }, labl: 'x', network: { prefixLength: 99 } };
    expect((await said(wrong, withKeys('one', SHELF, LABEL))).said).toEqual([
      expect.stringMatching(/^network\.prefixLength: /),
      'shelf.nam: unknown key, did you mean `name`?',
      'labl: unknown key, did you mean `label`?',
    ]);
  });

  it('is told in plain words what is wrong in them', async () => {
    const schema = z.strictObject({ slots: z.int().max(4), kind: z.enum(['wall', 'floor']) });
    const rack = { id: 'rack', title: 't', schema };
    expect((await said({ rack: { slots: 9, kind: 'wal' } }, withKeys('one', rack))).said).toEqual([
      'rack.slots: expected a number of at most 4',
      'rack.kind: expected one of wall, floor, did you mean `wall`?',
    ]);
  });

  it('of a board among several has no `boards` in turn', async () => {
    for (const [given, isMeant] of [
      [{}, true],
      [{ boardName: 'shelf' }, false],
    ] as const) {
      const options = { baseDir: '/', environment: {}, ...given };
      const { issues } = await examineCluster(
        { board: { a: 1 }, node1: CONFIG.node1, plugins: [boards] },
        options,
      );
      expect(issues.some(({ message }) => message.includes('`boards`?'))).toBe(isMeant);
      expect(issues.some(({ path }) => path[0] === 'ip')).toBe(!isMeant);
    }
  });

  it('says of a board or operating system that nobody brings which may be meant, and what brings one', async () => {
    const config = { ...CONFIG, node1: { ip: '10.0.0.11', board: 'rk2', os: 'debain' } };
    const error = await rejection(
      createTuringPi({ ...config, cacheDir: await temporaryDirectory(), plugins: [boards] }),
    );
    const { issues } = error['details'] as { issues: { key: string; message: string; hint: string }[] };
    expect(issues.map(({ key }) => key)).toEqual(['node1.board', 'node1.os']);
    expect(issues[0]?.message).toContain('did you mean `rk1`?');
    expect(issues[0]?.hint).toContain('@turingpi/board-rk1');
    expect(issues[1]?.hint).toContain('@turingpi/os-ubuntu');
  });

  it('is checked by a schema of any library, at once or later', async () => {
    const even = {
      id: 'even',
      title: 'a number',
      schema: {
        '~standard': {
          version: 1 as const,
          vendor: 'ours',
          validate: async (value: unknown) =>
            Number(value) % 2 === 0
              ? { value: Number(value) }
              : { issues: [{ message: 'is odd', path: [{ key: 'a' }, 0] }] },
        },
      },
    };
    const { config } = await said({ even: '4' }, withKeys('one', even));
    expect(config.contributed).toEqual({ even: 4 });
    expect((await said({ even: '5' }, withKeys('one', even))).said).toEqual(['even.a.0: is odd']);
  });

  it('names the key whose schema does not work', async () => {
    const validate = () => {
      throw new Error('no idea');
    };
    const broken = { id: 'odd', title: 't', schema: { '~standard': { version: 1, vendor: 'x', validate } } };
    const { issues } = await said({ odd: 1 }, withKeys('one', broken));
    expect(issues).toMatchObject([{ path: ['odd'], code: 'PLUGIN_INVALID' }]);
    expect((await said({}, withKeys('one', broken))).issues).toEqual([]);
  });

  it.each([
    ['the name of one of core’s', { ...SHELF, id: 'network' }],
    ['no name in camel case', { ...SHELF, id: 'my-shelf' }],
    ['no title', { ...SHELF, title: undefined }],
    ['no schema', { id: 'shelf', title: 't' }],
    ['another version of the specification', { ...SHELF, schema: { '~standard': { version: 2 } } }],
    [
      'a class',
      class Shelf {
        readonly id = 'shelf';
      },
    ],
  ])('does not know a key with %s, and says so', async (_what, key) => {
    const { unusable, issues } = await said({ shelf: 1 }, withKeys('one', key));
    expect(unusable).toMatchObject([{ plugin: 'one', error: { code: 'PLUGIN_INVALID' } }]);
    expect(issues).toMatchObject([
      {
        path: ['shelf'],
        message: expect.stringContaining('one') as string,
      },
    ]);
  });

  it('is refused when two plugins bring one key, unless it says which is meant', async () => {
    const other = defineConfigKey({ ...SHELF, schema: z.string() });
    const plugins = [withKeys('one', SHELF), withKeys('two', other)];
    const both = said({ shelf: 'A' }, ...plugins);
    expect(await rejection(both)).toMatchObject({ code: 'PLUGIN_DUPLICATE_ID' });
    const replace = { configKeys: { shelf: 'two' } };
    expect((await said({ shelf: 'A', replace }, ...plugins)).config.contributed).toEqual({ shelf: 'A' });
  });

  it('has a plugin that is missing told alone, or with what else is wrong', async () => {
    expect(await rejection(said({ shelf: 1 }, './none'))).toMatchObject({ code: 'PLUGIN_NOT_FOUND' });
    const { issues } = await said({ shelf: 1, ip: 5 }, './none');
    expect(issues.map(({ path, code }) => [path.join('.'), code])).toEqual([
      ['ip', undefined],
      ['plugins', 'PLUGIN_NOT_FOUND'],
    ]);
  });

  it('says of an unknown key which broken plugin may have brought it', async () => {
    const baseDir = await writeProject(await temporaryDirectory(), {
      broken: { module: 'throw new Error("out of order")' },
    });
    await writePackage(`${baseDir}/node_modules/broken`, 'broken', {
      module: 'throw new Error("out of order")',
    });
    const { issues } = await examineCluster({ ...CONFIG, shelf: 1 }, { baseDir, environment: {} });
    expect(issues).toMatchObject([
      {
        path: ['shelf'],
        message: expect.stringMatching(/unknown key.*broken/) as string,
        hint: expect.stringMatching(/out of order/) as string,
      },
    ]);
  });

  it('is refused for any key that nobody brings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), async (rest) => {
        const known = new Set(['shelf', 'label', ...Object.keys(CONFIG)]);
        const others = Object.fromEntries(Object.entries(rest).filter(([key]) => !OWN.has(key)));
        const { issues, config } = await said(others, withKeys('one', SHELF, LABEL));
        const unknown = Object.keys(others).filter((key) => !known.has(key));
        for (const key of unknown) expect(issues.map(({ path }) => path[0])).toContain(key);
        expect(Object.keys(config.contributed).every((key) => known.has(key))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('createTuringPi', () => {
  const create = async (more: object, plugin: Plugin, options: CreateTuringPiOptions = {}) =>
    createTuringPi(
      {
        ...CONFIG,
        shelf: { name: 'A' },
        cacheDir: await temporaryDirectory(),
        plugins: [boards, plugin],
        ...more,
      },
      options,
    );

  it('gives plugins what is said under their keys', async () => {
    let told: unknown;
    const living = definePlugin({
      ...withKeys('living', SHELF),
      start: (services) => {
        told = configOf(services.service(CLUSTER_CONFIG), SHELF);
        return { [Symbol.asyncDispose]: () => Promise.resolve() };
      },
    });
    await using cluster = await create({}, living);
    expect(told).toEqual({ name: 'A', slot: 1 });
    expect(cluster.registry.extensions.contributionsOf(living)).toEqual({ configKeys: ['shelf'] });
  });

  it('refuses what is wrong there', async () => {
    expect(await rejection(create({ shelf: { name: 1 } }, withKeys('one', SHELF)))).toMatchObject({
      code: 'CONFIG_INVALID',
      details: { issues: [{ key: 'shelf.name' }] },
    });
  });
});
