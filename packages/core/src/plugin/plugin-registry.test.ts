import { describe, expect, it, vi } from 'vitest';
import { createToken } from '../di/di.js';
import { inject, injectable } from '../di/injectable.js';
import { LOGGER } from '../di/tokens.js';
import { type Logger, silentLogger } from '@turingpi/foundation';
import { definePlugin, type Plugin, type PluginDefinition } from './define-plugin.js';
import { defineExtensionPoint } from './extension-point.js';
import { PluginRegistry } from './plugin-registry.js';

interface Greeter {
  greet(): string;
}
const GREETER = createToken<Greeter>('test:Greeter');
const NAME = createToken<string>('test:Name');

const registryOf = (...plugins: readonly Plugin[]) =>
  new PluginRegistry([{ token: LOGGER, useValue: silentLogger }], plugins);
/** A plugin with contributions to a point of the test. */
const plugin = (
  name: string,
  {
    boards,
    ...definition
  }: Omit<PluginDefinition, 'name' | 'boards'> & { readonly boards?: readonly unknown[] },
) => definePlugin({ name, extensionPoints: [BOARDS], ...definition, ...({ boards } as object) });
const BOARDS = defineExtensionPoint({ key: 'boards', title: 'board', nodeKey: 'board' });
const greeter = (text: string): Greeter => ({ greet: () => text });
const codeOf = (code: string) => expect.objectContaining({ code }) as Error;

@injectable()
class DecoratedBoard {
  readonly id = 'decorated';
  constructor(
    @inject(LOGGER) readonly logger: Logger,
    @inject(GREETER) readonly greeter: Greeter,
  ) {}
}

class PlainBoard {
  static readonly inject = [GREETER, LOGGER];
  readonly id = 'plain';
  constructor(
    readonly greeter: Greeter,
    readonly logger: Logger,
  ) {}
}

@injectable()
class DerivedBoard extends DecoratedBoard {
  override readonly id = 'derived' as 'decorated';
}

describe('drivers', () => {
  it.each([
    ['decorated', DecoratedBoard],
    ['derived', DerivedBoard],
    ['plain', PlainBoard],
  ])('get what they ask for: %s classes', (id, type) => {
    const registry = registryOf(
      plugin('boards', { boards: [type] }),
      plugin('greetings', { services: [{ token: GREETER, useValue: greeter('hello') }] }),
    );
    const board = registry.extensions.get(BOARDS, id) as unknown as PlainBoard;
    expect(board.greeter.greet()).toBe('hello');
    expect(board.logger).toBe(silentLogger);
    expect(registry.extensions.get(BOARDS, id)).toBe(board);
  });

  it('are made when they were decorated with another copy of core', async () => {
    vi.resetModules();
    const copy = await import('../di/injectable.js');
    expect(copy.injectable).not.toBe(injectable);
    class ForeignBoard {
      readonly id = 'foreign';
      constructor(readonly logger: Logger) {}
    }
    copy.inject(LOGGER)(ForeignBoard, undefined, 0);
    copy.injectable()(ForeignBoard);
    const { extensions } = registryOf(plugin('one', { boards: [ForeignBoard] }));
    expect(extensions.get(BOARDS, 'foreign')).toMatchObject({ logger: silentLogger });
  });

  it('that cannot be made matter only to those who ask for them', () => {
    const registry = registryOf(
      plugin('lonely', { boards: [PlainBoard] }),
      plugin('nameless', {
        boards: [
          class {
            title = 'no id';
          },
        ],
      }),
      plugin('fine', {
        boards: [
          class {
            id = 'fine';
          },
        ],
      }),
    );
    expect(registry.extensions.idsOf(BOARDS)).toEqual(['fine']);
    expect(registry.broken).toMatchObject([
      {
        plugin: 'lonely',
        error: { code: 'PLUGIN_SERVICE_MISSING', hint: expect.stringContaining('test:Greeter') as string },
      },
      { plugin: 'nameless', error: { code: 'PLUGIN_INVALID' } },
    ]);
    expect(() => registry.extensions.get(BOARDS, 'plain')).toThrow(codeOf('PLUGIN_NOT_FOUND'));
  });

  it('that do not say what they are given are refused', () => {
    class Silent {
      readonly id = 'silent';
      constructor(readonly logger: Logger) {}
    }
    const { broken } = registryOf(plugin('one', { boards: [Silent] }));
    expect(broken).toMatchObject([{ plugin: 'one', error: { code: 'PLUGIN_INVALID' } }]);
    expect(broken[0]!.error.message).toContain('Silent');
    expect(() => {
      injectable()(Silent);
    }).toThrow(codeOf('PLUGIN_INVALID'));
  });

  it('with one id twice are refused, naming both plugins', () => {
    const board = class {
      id = 'rk1';
    };
    expect(() => registryOf(plugin('one', { boards: [board] }), plugin('two', { boards: [board] }))).toThrow(
      expect.objectContaining({
        code: 'PLUGIN_DUPLICATE_ID',
        message: 'one and two both bring the board "rk1"',
      }) as Error,
    );
    expect(() => registryOf(plugin('one', { boards: [board, board] }))).toThrow(
      codeOf('PLUGIN_DUPLICATE_ID'),
    );
  });
});

describe('contributions', () => {
  const fast = { id: 'fast', speed: 2 };

  it('may be objects', () => {
    expect(registryOf(plugin('one', { boards: [fast] })).extensions.all(BOARDS)).toEqual([fast]);
  });

  it('to a point that nobody has defined are found by nobody', () => {
    const { extensions } = registryOf(definePlugin({ name: 'early', ...({ boards: [fast] } as object) }));
    expect(extensions.all(BOARDS)).toEqual([]);
    expect(extensions.broken).toMatchObject([{ plugin: 'early', error: { code: 'PLUGIN_INVALID' } }]);
  });

  it.each(['one', 'two'])('with one id twice: the one that is said to be meant, of %s', (wanted) => {
    const plugins = ['one', 'two'].map((name) => plugin(name, { boards: [{ id: 'rk1', from: name }] }));
    for (const order of [plugins, plugins.toReversed()]) {
      const registry = new PluginRegistry([], order, { boards: { rk1: wanted } });
      expect(registry.extensions.get(BOARDS, 'rk1')).toEqual({ id: 'rk1', from: wanted });
      expect(registry.extensions.contributionsOf({ name: wanted })).toEqual({ boards: ['rk1'] });
    }
    const third = { boards: { rk1: 'three' } };
    expect(() => new PluginRegistry([], plugins, third)).toThrow(codeOf('PLUGIN_DUPLICATE_ID'));
  });
});

describe('plugins with a life of their own', () => {
  const living = (name: string, told: string[]) =>
    plugin(name, {
      start: (services) => {
        told.push(`${name} starts with ${services.service(NAME)}`);
        return { [Symbol.asyncDispose]: async () => void told.push(`${name} ends`) };
      },
    });
  const named = plugin('named', { services: [{ token: NAME, useValue: 'x' }] });

  it('start in order and end in reverse', async () => {
    const told: string[] = [];
    const started = await registryOf(living('one', told), living('two', told), named).start();
    await started[Symbol.asyncDispose]();
    expect(told).toEqual(['one starts with x', 'two starts with x', 'two ends', 'one ends']);
  });

  it('end when a later one cannot start', async () => {
    const told: string[] = [];
    const broken = plugin('broken', { start: () => Promise.reject(new Error('no port')) });
    await expect(registryOf(living('one', told), broken, named).start()).rejects.toThrow('no port');
    expect(told).toEqual(['one starts with x', 'one ends']);
  });
});

describe('services', () => {
  class Service implements Greeter {
    static readonly inject = [NAME];
    static made = 0;
    constructor(readonly name: string) {
      Service.made += 1;
    }
    greet() {
      return `hello ${this.name}`;
    }
  }
  const service = plugin('service', {
    services: [
      { token: GREETER, useClass: Service },
      { token: NAME, useValue: 'world' },
    ],
  });

  it('are made once, when first asked for', () => {
    Service.made = 0;
    const registry = registryOf(service);
    expect(Service.made).toBe(0);
    expect(registry.service(GREETER).greet()).toBe('hello world');
    expect(registry.service(GREETER)).toBe(registry.service(GREETER));
    expect(Service.made).toBe(1);
    expect(registryOf(service).service(GREETER)).not.toBe(registry.service(GREETER));
  });

  it('of later plugins replace those of earlier ones', () => {
    const later = plugin('later', { services: [{ token: NAME, useValue: 'moon' }] });
    expect(registryOf(service, later).service(GREETER).greet()).toBe('hello moon');
  });

  const board = plugin('board', { boards: [PlainBoard], requires: [service] });
  const fake = plugin('fake', { services: [{ token: GREETER, useValue: greeter('fake') }] });
  const namesake = plugin('service', { services: [{ token: GREETER, useValue: greeter('fake') }] });
  it.each([
    ['before it', [fake, board]],
    ['after it', [board, fake]],
    ['with the same name, before', [namesake, board]],
    ['with the same name, after', [board, namesake]],
  ])('of a listed plugin replace what another one only requires: %s', (_where, plugins) => {
    const made = registryOf(...plugins).extensions.get(BOARDS, 'plain') as unknown as PlainBoard;
    expect(made.greeter.greet()).toBe('fake');
  });

  it('come with the plugins that require them, also in a circle', () => {
    const requires: Plugin[] = [service];
    const circular = plugin('circular', { requires });
    requires.push(circular, board);
    const made = registryOf(circular).extensions.get(BOARDS, 'plain') as unknown as PlainBoard;
    expect(made.greeter.greet()).toBe('hello world');
  });

  it('that are missing, or cannot be made, are told with a code', () => {
    expect(() => registryOf().service(GREETER)).toThrow(codeOf('PLUGIN_SERVICE_MISSING'));
    const nameless = plugin('nameless', { services: [{ token: GREETER, useClass: Service }] });
    expect(() => registryOf(nameless).service(GREETER)).toThrow(codeOf('PLUGIN_SERVICE_MISSING'));
  });

  it('of one registry are not seen by another', () => {
    registryOf(service);
    expect(() => registryOf().service(NAME)).toThrow(codeOf('PLUGIN_SERVICE_MISSING'));
  });
});

describe('hooks', () => {
  it('are collected in the order of the plugins', () => {
    const first = () => undefined;
    const second = () => undefined;
    const registry = registryOf(
      plugin('one', { hooks: { onEvent: first } }),
      plugin('none', { hooks: {} }),
      plugin('two', { hooks: { onEvent: second } }),
    );
    expect(registry.eventListeners).toEqual([first, second]);
  });
});
