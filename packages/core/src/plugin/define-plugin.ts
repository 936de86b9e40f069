import type { Token } from '../di/di.js';
import type { EventListener } from '../event/event.js';
import type { RunEventListener } from '../run/run-event.js';
import type { Contributions } from './contributions.js';
import type { EndedRun } from './ended-run.js';
import type { ExtensionPoint, Extensions } from './extension-point.js';

/** The plugin API of this core. Raised when a contract changes in a way that breaks plugins. */
export const PLUGIN_API_VERSION = 1;

const PLUGIN = Symbol.for('@turingpi/core:plugin');

/**
 * A class that the container makes.
 *
 * @remarks
 * List the tokens of its constructor parameters in a static `inject`, in their order; `@injectable()` and `@inject(TOKEN)`
 * write the same list. It is made once per cluster, when first asked for.
 */
// Parameters are contravariant and decided by the container at run time: `never[]` accepts every class.
export type Injectable<T> = (new (...args: never[]) => T) & { readonly inject?: readonly Token<unknown>[] };

/** A service under its token. Registering another one later under the same token replaces it. */
export type ServiceRegistration<T = unknown> =
  | { readonly token: Token<T>; readonly useClass: Injectable<T> }
  | { readonly token: Token<T>; readonly useValue: T };

/** What a plugin that has a life of its own is started with. */
export interface PluginServices {
  /** @throws PluginError `PLUGIN_SERVICE_MISSING` when no plugin brings it. */
  service<T>(token: Token<T>): T;
  readonly extensions: Extensions;
}

/** A plugin that was started for a cluster, and ends with it. */
export interface StartedPlugin extends AsyncDisposable {
  /**
   * Is told of everything that is put on file of the cluster's runs, when a run begins and how it ends included. It
   * observes: what it throws is logged and changes nothing.
   */
  readonly onRunEvent?: RunEventListener;
}

interface PluginBase {
  /** The package's name, as in its package.json. */
  readonly name: string;
  readonly version?: string;
  /** Kinds of things that plugins may contribute from now on. */
  readonly extensionPoints?: readonly ExtensionPoint[];
  readonly services?: readonly ServiceRegistration[];
  /** Plugins whose services or extension points this one needs. They are installed first, each once. */
  readonly requires?: readonly Plugin[];
  /** They observe: what they throw is logged and changes nothing. */
  readonly hooks?: {
    /** Is told of everything that happens. */
    readonly onEvent?: EventListener;
    /** Is called, and waited for, when the last node of a run has ended, however it ended. */
    readonly afterRun?: (run: EndedRun) => Promise<void>;
  };
  /**
   * Called once for a cluster, before anything runs. What it returns is disposed with the cluster, in the reverse order of
   * the starts.
   */
  readonly start?: (services: PluginServices) => StartedPlugin | Promise<StartedPlugin>;
}

/** Contributions by extension point: each a class that the container makes, or an object. */
type ContributionLists = {
  readonly [K in keyof Contributions]?: readonly (Injectable<Contributions[K]> | Contributions[K])[];
};

/** What a plugin contributes. It is data: core does the container work. */
export type PluginDefinition = PluginBase & ContributionLists;

/** A {@link PluginDefinition} stamped with the API version it was made for. */
export type Plugin = PluginDefinition & {
  readonly apiVersion: number;
  readonly [PLUGIN]: true;
};

/** Stamps a plugin. The result is the default export of the file that package.json names in `turingpi.plugin`. */
export function definePlugin(definition: PluginDefinition): Plugin {
  return { ...definition, apiVersion: PLUGIN_API_VERSION, [PLUGIN]: true };
}

/** Tells a stamped plugin from any other value; works across copies of core. */
export function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'object' && value !== null && PLUGIN in value;
}
