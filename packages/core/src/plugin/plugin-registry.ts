import {
  createContainer,
  createToken,
  type DependencyContainer,
  instanceCachingFactory,
  Lifecycle,
  type Token,
} from '../di/di.js';
import { PluginError } from '../errors/plugin-error.js';
import { TuringPiError } from '../errors/turing-pi-error.js';
import type { EventListener } from '../event/event.js';
import type { BoardDriver } from './board-driver.js';
import type { Injectable, Plugin, ServiceRegistration } from './define-plugin.js';
import type { EndedRun } from './ended-run.js';
import type { OsDriver } from './os-driver.js';

interface Contribution<T> {
  readonly plugin: string;
  readonly driver: T;
}
/** A driver that could not be made. */
export interface BrokenContribution {
  readonly plugin: string;
  readonly error: TuringPiError;
}

/** What one plugin brought, for lists. */
export interface PluginContributions {
  readonly os: readonly string[];
  readonly boards: readonly string[];
  readonly services: number;
}

/** The one place where plugins meet the container: it registers what they bring and finds drivers by id. */
export class PluginRegistry {
  readonly #container: DependencyContainer = createContainer();
  readonly #os = new Map<string, Contribution<OsDriver>>();
  readonly #boards = new Map<string, Contribution<BoardDriver>>();
  readonly #broken: BrokenContribution[] = [];
  readonly #listeners: EventListener[] = [];
  readonly #afterRun: ((run: EndedRun) => Promise<void>)[] = [];

  /**
   * Registers what plugins require, then the plugins themselves; then makes their drivers.
   *
   * @param core - services of core itself
   * @param plugins - in the order of precedence: services of later ones replace those of earlier ones, and those of
   * any plugin in the list replace those of plugins that are only required
   * @throws PluginError `PLUGIN_DUPLICATE_ID` when two drivers have the same id.
   */
  constructor(core: readonly ServiceRegistration[], plugins: readonly Plugin[]) {
    for (const service of core) this.#registerService(service);
    const ordered = withRequired(plugins);
    for (const plugin of ordered) for (const service of plugin.services ?? []) this.#registerService(service);
    for (const plugin of ordered) {
      for (const type of plugin.os ?? []) this.#addDriver(plugin, 'os', this.#os, type);
      for (const type of plugin.boards ?? []) this.#addDriver(plugin, 'board', this.#boards, type);
      if (plugin.hooks?.onEvent) this.#listeners.push(plugin.hooks.onEvent);
      if (plugin.hooks?.afterRun) this.#afterRun.push(plugin.hooks.afterRun);
    }
  }

  get osIds(): readonly string[] {
    return [...this.#os.keys()].sort();
  }

  get boardIds(): readonly string[] {
    return [...this.#boards.keys()].sort();
  }

  get eventListeners(): readonly EventListener[] {
    return this.#listeners;
  }

  get afterRun(): readonly ((run: EndedRun) => Promise<void>)[] {
    return this.#afterRun;
  }

  /** @throws PluginError `PLUGIN_NOT_FOUND`. */
  os(id: string): OsDriver {
    return this.#os.get(id)?.driver ?? this.#notFound('operating system', id, this.osIds);
  }

  /** @throws PluginError `PLUGIN_NOT_FOUND`. */
  board(id: string): BoardDriver {
    return this.#boards.get(id)?.driver ?? this.#notFound('board', id, this.boardIds);
  }

  /** @throws PluginError `PLUGIN_SERVICE_MISSING` when no plugin brings it. */
  service<T>(token: Token<T>): T {
    if (!this.#container.isRegistered(token, true))
      throw new PluginError(
        'PLUGIN_SERVICE_MISSING',
        `no plugin brings the service ${String(token.description)}`,
        {
          hint: 'Install the package that brings it and add it to `plugins`.',
        },
      );
    try {
      return this.#container.resolve<T>(token);
    } catch (cause) {
      throw notMade(`the service ${String(token.description)}`, cause);
    }
  }

  /** Drivers that could not be made, each with the reason. */
  get broken(): readonly BrokenContribution[] {
    return this.#broken;
  }

  contributionsOf(plugin: Plugin): PluginContributions {
    const idsOf = <T>(drivers: ReadonlyMap<string, Contribution<T>>) =>
      [...drivers].filter(([, { plugin: name }]) => name === plugin.name).map(([id]) => id);
    return { os: idsOf(this.#os), boards: idsOf(this.#boards), services: plugin.services?.length ?? 0 };
  }

  #registerService(service: ServiceRegistration): void {
    if ('useValue' in service) this.#container.register(service.token, { useValue: service.useValue });
    else this.#registerClass(service.token, service.useClass);
  }

  /** One instance, however often it is asked for: tsyringe's own default is a new one each time. */
  #registerClass(token: Token<unknown>, type: Injectable<unknown>): void {
    const tokens = type.inject;
    if (tokens === undefined) {
      const useClass = type as unknown as new (...args: unknown[]) => unknown;
      this.#container.register(token, { useClass }, { lifecycle: Lifecycle.Singleton });
      return;
    }
    this.#container.register(token, {
      useFactory: instanceCachingFactory((container) => {
        return new type(...tokens.map((parameter) => container.resolve<never>(parameter)));
      }),
    });
  }

  #addDriver<T extends { readonly id: string }>(
    plugin: Plugin,
    kind: string,
    drivers: Map<string, Contribution<T>>,
    type: Injectable<T>,
  ): void {
    const driver = this.#makeDriver(plugin, kind, type);
    if (driver === undefined) return;
    const other = drivers.get(driver.id);
    if (other)
      throw new PluginError(
        'PLUGIN_DUPLICATE_ID',
        `${other.plugin} and ${plugin.name} both bring the ${kind} "${driver.id}"`,
        { hint: 'Remove one of them from `plugins` or from the dependencies.' },
      );
    drivers.set(driver.id, { plugin: plugin.name, driver });
  }

  /** A driver that cannot be made matters only to those who ask for it: then its error is told. */
  #makeDriver<T extends { readonly id: string }>(
    plugin: Plugin,
    kind: string,
    type: Injectable<T>,
  ): T | undefined {
    const token = createToken<T>(`driver:${plugin.name}:${kind}:${type.name}`);
    this.#registerClass(token, type);
    try {
      const driver = this.#container.resolve<T>(token);
      if (typeof (driver.id as unknown) !== 'string' || driver.id === '')
        throw new PluginError('PLUGIN_INVALID', `${type.name} of ${plugin.name} has no \`id\``, {
          hint: `Give the ${kind} driver the \`id\` that configurations name it by.`,
        });
      return driver;
    } catch (cause) {
      this.#broken.push({ plugin: plugin.name, error: notMade(`${type.name} of ${plugin.name}`, cause) });
      return undefined;
    }
  }

  #notFound(kind: string, id: string, known: readonly string[]): never {
    const [broken] = this.#broken;
    throw new PluginError('PLUGIN_NOT_FOUND', `there is no plugin for the ${kind} "${id}"`, {
      hint: `Known: ${known.join(', ') || 'none'}. Install the package that brings it, or check the spelling.`,
      ...(broken
        ? { cause: broken.error, details: { broken: this.#broken.map(({ plugin }) => plugin) } }
        : {}),
    });
  }
}

/** All plugins, those that are only required by others first, each once. One in the list stands for its name. */
function withRequired(plugins: readonly Plugin[]): Plugin[] {
  const seen = new Set(plugins.map(({ name }) => name));
  const requiredBy = (plugin: Plugin): Plugin[] =>
    (plugin.requires ?? []).flatMap((required) => {
      if (seen.has(required.name)) return [];
      seen.add(required.name);
      return [...requiredBy(required), required];
    });
  return [...plugins.flatMap(requiredBy), ...plugins];
}

function notMade(what: string, cause: unknown): TuringPiError {
  if (TuringPiError.is(cause)) return cause;
  return new PluginError('PLUGIN_SERVICE_MISSING', `${what} cannot be made`, {
    cause,
    hint: cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause),
  });
}
