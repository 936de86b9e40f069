import { describe, expect, it } from 'vitest';
import { createToken, inject, injectable } from '../di/di.js';
import { LOGGER } from '../di/tokens.js';
import { type Logger, silentLogger } from '../logging/logger.js';
import type { BoardDriver } from './board-driver.js';
import { definePlugin, type Injectable, type Plugin, type PluginDefinition } from './define-plugin.js';
import { PluginRegistry } from './plugin-registry.js';

interface Greeter {
  greet(): string;
}
const GREETER = createToken<Greeter>('test:Greeter');
const NAME = createToken<string>('test:Name');

const registryOf = (...plugins: readonly Plugin[]) =>
  new PluginRegistry([{ token: LOGGER, useValue: silentLogger }], plugins);
const plugin = (name: string, definition: Omit<PluginDefinition, 'name'>) =>
  definePlugin({ name, ...definition });
/** Tests only look at what the container hands to a driver. */
const asBoard = (type: unknown) => type as Injectable<BoardDriver>;
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

describe('drivers', () => {
  it.each([
    ['decorated', DecoratedBoard],
    ['plain', PlainBoard],
  ])('get what they ask for: %s classes', (id, type) => {
    const registry = registryOf(
      plugin('boards', { boards: [asBoard(type)] }),
      plugin('greetings', { services: [{ token: GREETER, useValue: greeter('hello') }] }),
    );
    const board = registry.board(id) as unknown as PlainBoard;
    expect(board.greeter.greet()).toBe('hello');
    expect(board.logger).toBe(silentLogger);
    expect(registry.board(id)).toBe(board);
  });

  it('that cannot be made matter only to those who ask for them', () => {
    const registry = registryOf(
      plugin('lonely', { boards: [asBoard(PlainBoard)] }),
      plugin('nameless', {
        boards: [
          asBoard(
            class {
              title = 'no id';
            },
          ),
        ],
      }),
      plugin('fine', {
        boards: [
          asBoard(
            class {
              id = 'fine';
            },
          ),
        ],
      }),
    );
    expect(registry.boardIds).toEqual(['fine']);
    expect(registry.broken).toMatchObject([
      {
        plugin: 'lonely',
        error: { code: 'PLUGIN_SERVICE_MISSING', hint: expect.stringContaining('test:Greeter') as string },
      },
      { plugin: 'nameless', error: { code: 'PLUGIN_INVALID' } },
    ]);
    expect(() => registry.board('plain')).toThrow(codeOf('PLUGIN_NOT_FOUND'));
    expect(() => registry.os('ubuntu')).toThrow(codeOf('PLUGIN_NOT_FOUND'));
  });

  it('with one id twice are refused, naming both plugins', () => {
    const board = asBoard(
      class {
        id = 'rk1';
      },
    );
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

  const board = plugin('board', { boards: [asBoard(PlainBoard)], requires: [service] });
  const fake = plugin('fake', { services: [{ token: GREETER, useValue: greeter('fake') }] });
  const namesake = plugin('service', { services: [{ token: GREETER, useValue: greeter('fake') }] });
  it.each([
    ['before it', [fake, board]],
    ['after it', [board, fake]],
    ['with the same name, before', [namesake, board]],
    ['with the same name, after', [board, namesake]],
  ])('of a listed plugin replace what another one only requires: %s', (_where, plugins) => {
    const made = registryOf(...plugins).board('plain') as unknown as PlainBoard;
    expect(made.greeter.greet()).toBe('fake');
  });

  it('come with the plugins that require them, also in a circle', () => {
    const requires: Plugin[] = [service];
    const circular = plugin('circular', { requires });
    requires.push(circular, board);
    const made = registryOf(circular).board('plain') as unknown as PlainBoard;
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
