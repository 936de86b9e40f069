import { didYouMean } from '../config/near-name.js';
import { createToken, type Token } from '../di/di.js';
import { PluginError } from '../errors/plugin-error.js';
import { docsPage, TuringPiError } from '@turingpi/foundation';
import type { Injectable, Plugin } from './define-plugin.js';
import type { Extension, ExtensionPoint, Extensions } from './extension-point.js';

interface Contribution {
  readonly plugin: string;
  readonly extension: Extension;
}

/** A contribution that could not be made. */
export interface BrokenContribution {
  /** Name of the plugin. */
  readonly plugin: string;
  readonly error: TuringPiError;
  /** It is of a kind that nothing here takes, as a command is outside the program: nobody else misses it. */
  readonly rests?: true;
}

/** Lists of a plugin that are no contributions. */
const OWN_KEYS: ReadonlySet<string> = new Set(['extensionPoints', 'services', 'requires']);

/** What makes an instance of a class, once. */
export type MakeOnce = <T>(token: Token<T>, type: Injectable<T>) => T;

/** Which plugin's contribution is meant where several bring the same id: by key of the point, then by id. */
export type Replacements = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What plugins have contributed, by extension point and id. */
export class ExtensionRegistry implements Extensions {
  readonly #points = new Map<string, ExtensionPoint>();
  readonly #contributions = new Map<string, Map<string, Contribution>>();
  readonly #broken: BrokenContribution[] = [];

  constructor(
    private readonly makeOnce: MakeOnce,
    private readonly replacements: Replacements = {},
  ) {}

  /** The points that are defined, in the order of their definition. */
  get points(): readonly ExtensionPoint[] {
    return [...this.#points.values()];
  }

  /** Contributions that could not be made, each with the reason: they matter only to those who ask for them. */
  get broken(): readonly BrokenContribution[] {
    return this.#broken;
  }

  define(points: readonly ExtensionPoint[]): void {
    for (const point of points) if (!this.#points.has(point.key)) this.#points.set(point.key, point);
  }

  /**
   * @param only - of this point alone
   * @throws PluginError `PLUGIN_DUPLICATE_ID` when two contributions have the same id.
   */
  add(plugin: Plugin, only?: string): void {
    for (const [key, list] of Object.entries(plugin)) {
      if (!Array.isArray(list) || OWN_KEYS.has(key) || (only !== undefined && key !== only)) continue;
      const point = this.#points.get(key);
      if (point === undefined)
        this.#broken.push({ plugin: plugin.name, error: unknownPoint(plugin, key), rests: true });
      else
        for (const one of list as readonly (Injectable<Extension> | Extension)[])
          this.#add(plugin, point, one);
    }
  }

  get<T extends Extension>(point: ExtensionPoint<T>, id: string): T {
    return (
      (this.#of(point).get(id)?.extension as T | undefined) ??
      this.#notFound(point.title, id, this.idsOf(point))
    );
  }

  all<T extends Extension>(point: ExtensionPoint<T>): readonly T[] {
    return this.idsOf(point).map((id) => this.get(point, id));
  }

  /** Every one of this kind with the plugin that brought it, by id in alphabetical order. */
  entries<T extends Extension>(
    point: ExtensionPoint<T>,
  ): readonly { readonly plugin: string; readonly extension: T }[] {
    return [...this.#of(point).values()]
      .sort((a, b) => (a.extension.id < b.extension.id ? -1 : 1))
      .map(({ plugin, extension }) => ({ plugin, extension: extension as T }));
  }

  /** In alphabetical order. */
  idsOf(point: ExtensionPoint): readonly string[] {
    return [...this.#of(point).keys()].sort();
  }

  /** Ids of what one plugin brought, by key of the point; without keys of which it brought nothing. */
  contributionsOf({ name }: Pick<Plugin, 'name'>): Readonly<Record<string, readonly string[]>> {
    const lists = this.points.map((point) => {
      const entries = [...this.#of(point)].filter(([, { plugin }]) => plugin === name);
      return [point.key, entries.map(([id]) => id)] as const;
    });
    return Object.fromEntries(lists.filter(([, ids]) => ids.length > 0));
  }

  #of({ key }: ExtensionPoint): Map<string, Contribution> {
    let contributions = this.#contributions.get(key);
    if (contributions === undefined) {
      contributions = new Map<string, Contribution>();
      this.#contributions.set(key, contributions);
    }
    return contributions;
  }

  #add(plugin: Plugin, point: ExtensionPoint, contributed: Injectable<Extension> | Extension): void {
    const extension = this.#make(plugin, point, contributed);
    if (extension === undefined) return;
    const contributions = this.#of(point);
    const other = contributions.get(extension.id);
    const wanted = this.replacements[point.key]?.[extension.id];
    if (other !== undefined && wanted !== undefined && other.plugin !== plugin.name) {
      if (other.plugin === wanted) return;
      if (plugin.name === wanted) {
        contributions.set(extension.id, { plugin: plugin.name, extension });
        return;
      }
    }
    if (other !== undefined)
      throw new PluginError(
        'PLUGIN_DUPLICATE_ID',
        `${other.plugin} and ${plugin.name} both bring the ${point.title} "${extension.id}"`,
        {
          hint:
            'Remove one of them from `plugins` or from the dependencies, or say in the configuration which one is ' +
            `meant: \`replace: { ${point.key}: { ${extension.id}: "${plugin.name}" } }\`.`,
        },
      );
    contributions.set(extension.id, { plugin: plugin.name, extension });
  }

  #make(
    plugin: Plugin,
    point: ExtensionPoint,
    contributed: Injectable<Extension> | Extension,
  ): Extension | undefined {
    const isClass = typeof contributed === 'function';
    const name = isClass ? contributed.name : `a ${point.title}`;
    try {
      if (isClass && point.objectsOnly === true)
        throw new PluginError('PLUGIN_INVALID', `${name} of ${plugin.name} is a class`, {
          hint: `List the ${point.title} as an object: it is needed before anything is made.`,
        });
      const extension = isClass
        ? this.makeOnce(createToken<Extension>(`extension:${plugin.name}:${point.key}:${name}`), contributed)
        : contributed;
      if (typeof (extension.id as unknown) !== 'string' || extension.id === '')
        throw new PluginError('PLUGIN_INVALID', `${name} of ${plugin.name} has no \`id\``, {
          hint: `Give the ${point.title} the \`id\` that it is asked for by.`,
        });
      const problem = point.check?.(extension);
      if (problem !== undefined)
        throw new PluginError(
          'PLUGIN_INVALID',
          `the ${point.title} "${extension.id}" of ${plugin.name} is not valid: ${problem}`,
          {
            hint: `Install another version of ${plugin.name}; its author finds the contract in ${docsPage('writing-a-plugin')}.`,
          },
        );
      return extension;
    } catch (cause) {
      this.#broken.push({ plugin: plugin.name, error: notMade(`${name} of ${plugin.name}`, cause) });
      return undefined;
    }
  }

  #notFound(title: string, id: string, known: readonly string[]): never {
    const [broken] = this.#broken;
    throw new PluginError(
      'PLUGIN_NOT_FOUND',
      `there is no plugin for the ${title} "${id}"${didYouMean(id, known)}`,
      {
        hint: `Known: ${known.join(', ') || 'none'}. Install the package that brings it, or check the spelling.`,
        ...(broken
          ? { cause: broken.error, details: { broken: this.#broken.map(({ plugin }) => plugin) } }
          : {}),
      },
    );
  }
}

/** Harmless where the kind is of something that is not installed. */
function unknownPoint({ name }: Plugin, key: string): PluginError {
  return new PluginError('PLUGIN_INVALID', `${name} contributes \`${key}\`, which no plugin takes`, {
    hint: `List the plugin that defines the extension point \`${key}\` in \`requires\`: @turingpi/provisioning for boards and operating systems.`,
  });
}

/** Why the container could not make something. */
export function notMade(what: string, cause: unknown): TuringPiError {
  if (TuringPiError.is(cause)) return cause;
  return new PluginError('PLUGIN_SERVICE_MISSING', `${what} cannot be made`, {
    cause,
    hint: cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause),
  });
}
