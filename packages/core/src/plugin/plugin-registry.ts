import { createContainer, type DependencyContainer, instanceCachingFactory, type Token } from '../di/di.js';
import { EXTENSIONS } from '../di/tokens.js';
import { CleanupStack } from '@turingpi/foundation';
import { CONFIG_KEYS } from '../config/config-keys.js';
import { PluginError } from '../errors/plugin-error.js';
import type { EventListener } from '../event/event.js';
import type { RunEventListener } from '../run/run-event.js';
import type {
  Injectable,
  Plugin,
  PluginServices,
  ServiceRegistration,
  StartedPlugin,
} from './define-plugin.js';
import type { EndedRun } from './ended-run.js';
import type { ExtensionPoint } from './extension-point.js';
import {
  type BrokenContribution,
  ExtensionRegistry,
  notMade,
  type Replacements,
} from './extension-registry.js';
import { withRequired } from './with-required.js';

/** The one place where plugins meet the container: it registers what they bring and makes it when asked for. */
export class PluginRegistry implements PluginServices {
  readonly extensions: ExtensionRegistry;
  readonly #container: DependencyContainer = createContainer();
  readonly #plugins: readonly Plugin[];
  readonly #started: StartedPlugin[] = [];

  /**
   * Registers what plugins require, then the plugins themselves; then makes their contributions.
   *
   * @param core - services of core itself
   * @param plugins - in the order of precedence: services of later ones replace those of earlier ones, and those of
   * any plugin in the list replace those of plugins that are only required
   * @param replacements - whose contribution is meant where several bring the same id
   * @param points - kinds of contributions that no plugin defines: those of the program around it
   * @throws PluginError `PLUGIN_DUPLICATE_ID` when two contributions have the same id.
   */
  constructor(
    core: readonly ServiceRegistration[],
    plugins: readonly Plugin[],
    replacements?: Replacements,
    points: readonly ExtensionPoint[] = [],
  ) {
    this.extensions = new ExtensionRegistry((token, type) => {
      this.#registerClass(token, type);
      return this.#container.resolve(token);
    }, replacements);
    this.#registerService({ token: EXTENSIONS, useValue: this.extensions });
    for (const service of core) this.#registerService(service);
    this.#plugins = withRequired(plugins);
    this.extensions.define([CONFIG_KEYS, ...points]);
    for (const plugin of this.#plugins) {
      this.extensions.define(plugin.extensionPoints ?? []);
      for (const service of plugin.services ?? []) this.#registerService(service);
    }
    for (const plugin of this.#plugins) this.extensions.add(plugin);
  }

  get eventListeners(): readonly EventListener[] {
    return this.#plugins.flatMap(({ hooks }) => hooks?.onEvent ?? []);
  }

  /** Of the plugins that have been started. */
  get runListeners(): readonly RunEventListener[] {
    return this.#started.map((started) => (event) => started.onRunEvent?.(event));
  }

  get afterRun(): readonly ((run: EndedRun) => Promise<void>)[] {
    return this.#plugins.flatMap(({ hooks }) => hooks?.afterRun ?? []);
  }

  /** Contributions that could not be made, each with the reason. */
  get broken(): readonly BrokenContribution[] {
    return this.extensions.broken;
  }

  /** @throws PluginError `PLUGIN_SERVICE_MISSING` when no plugin brings it. */
  service<T>(token: Token<T>): T {
    if (!this.has(token))
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

  /** Whether a plugin brings a service. */
  has(token: Token<unknown>): boolean {
    return this.#container.isRegistered(token, true);
  }

  /**
   * Starts the plugins that have a life of their own, in the order in which they were registered.
   *
   * @returns Ends them in the reverse order. When one cannot be started, those before it are ended and its error is thrown.
   */
  async start(): Promise<AsyncDisposable> {
    await using starting = new CleanupStack();
    for (const plugin of this.#plugins) {
      const started = await plugin.start?.(this);
      if (started === undefined) continue;
      starting.use(`end of ${plugin.name}`, started);
      this.#started.push(started);
    }
    return starting.move();
  }

  #registerService(service: ServiceRegistration): void {
    if ('useValue' in service) this.#container.register(service.token, { useValue: service.useValue });
    else this.#registerClass(service.token, service.useClass);
  }

  /** Made when it is first asked for, and once: tsyringe's own default is a new one each time. */
  #registerClass(token: Token<unknown>, type: Injectable<unknown>): void {
    this.#container.register(token, {
      useFactory: instanceCachingFactory((container) => {
        return new type(...tokensOf(type).map((parameter) => container.resolve<never>(parameter)));
      }),
    });
  }
}

/** The services that a class asks for. @throws PluginError `PLUGIN_INVALID` for one with parameters that says none. */
function tokensOf(type: Injectable<unknown>): readonly Token<unknown>[] {
  if (type.inject !== undefined) return type.inject;
  if (type.length === 0) return [];
  throw new PluginError(
    'PLUGIN_INVALID',
    `the class ${type.name} does not say what its constructor is given`,
    {
      hint: 'List the tokens of its parameters: static readonly inject = [LOGGER].',
    },
  );
}
