import { pathToFileURL } from 'node:url';
import { inspectPlugins } from '@turingpi/core';
import { defineExtensionPoint, docsPage, type Extension } from '@turingpi/core/plugin';
import { ConformanceError } from './conformance-error.js';
import type { ConformanceSubjects } from './conformance-subjects.js';
import type { InstalledPlugin } from './installed-command.js';
import { suiteOf } from './suites.js';

/** Its type belongs to the command, which this package does not know. */
const COMMANDS = defineExtensionPoint({ key: 'commands', title: 'command' });

/** A plugin with what it contributes and what that is tested on. */
export interface TestedPlugin extends InstalledPlugin {
  readonly version: string;
  readonly contributions: readonly TestedContribution[];
}

export interface TestedContribution {
  readonly point: string;
  /** What one of the kind is called: `board`. */
  readonly title: string;
  readonly extension: Extension;
  /** What it is tested on; an error where that is needed and not there, undefined where there is no suite. */
  readonly subject: object | ConformanceError | undefined;
}

/**
 * Loads a plugin and its subjects.
 *
 * @param name - of an installed package, or the path of its folder
 * @throws PluginError for one that is missing or broken, also when one of its contributions cannot be made;
 * ConformanceError `CONFORMANCE_SUBJECT_INVALID`.
 */
export async function loadTestedPlugin(name: string, cwd: string): Promise<TestedPlugin> {
  const { discovery, registry } = await inspectPlugins({
    baseDir: cwd,
    plugins: [name],
    projectDir: undefined,
    programDir: undefined,
    extensionPoints: [COMMANDS],
  });
  const [{ plugin, manifest } = {}] = discovery.plugins;
  if (plugin === undefined || manifest === undefined)
    throw new Error('unreachable: it is found, or not found is thrown');
  const [broken] = registry.broken;
  if (broken !== undefined) throw broken.error;
  const installed = { plugin, name: manifest.name, directory: manifest.directory, version: manifest.version };
  const subjects = manifest.conformance === undefined ? {} : await loadSubjects(manifest.conformance);
  const { extensions } = registry;
  const contributions = Object.entries(extensions.contributionsOf(plugin)).flatMap(([key, ids]) => {
    const point = extensions.points.find((one) => one.key === key) ?? { key, title: key };
    return ids.map((id) => ({
      point: key,
      title: point.title,
      extension: extensions.get(point, id),
      subject: suiteOf(key) === undefined ? undefined : subjectOf(subjects, key, id, installed.name),
    }));
  });
  assertAllUsed(subjects, contributions, installed.name);
  return { ...installed, contributions };
}

async function loadSubjects(file: string): Promise<ConformanceSubjects> {
  const invalid = (message: string, cause?: unknown) =>
    new ConformanceError('CONFORMANCE_SUBJECT_INVALID', message, {
      ...(cause === undefined ? {} : { cause }),
      hint: cause instanceof Error ? cause.message : `See "Testing it" in ${docsPage('writing-a-plugin')}.`,
    });
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(file).href)) as typeof loaded;
  } catch (cause) {
    throw invalid(`${file} cannot be loaded`, cause);
  }
  const { default: subjects } = loaded;
  if (typeof subjects !== 'object' || subjects === null)
    throw invalid(`${file} exports no subjects as default, by extension point and id`);
  return subjects; // what is in it is the author's word: a case that cannot use it says so
}

function subjectOf(
  subjects: ConformanceSubjects,
  point: string,
  id: string,
  plugin: string,
): object | ConformanceError {
  const subject = entriesOf(subjects).find((entry) => entry.point === point && entry.id === id)?.subject;
  return (
    subject ??
    new ConformanceError(
      'CONFORMANCE_SUBJECT_MISSING',
      `${plugin} does not say what ${point} "${id}" is tested on`,
      {
        hint: `Name a module in package.json under \`turingpi.conformance\`, whose default export has \`${point}: { '${id}': … }\`.`,
      },
    )
  );
}

/** A subject for what is not there is a typing error, and tests nothing. */
function assertAllUsed(
  subjects: ConformanceSubjects,
  contributions: readonly TestedContribution[],
  plugin: string,
): void {
  const unused = entriesOf(subjects).find(
    ({ point, id }) => !contributions.some((one) => one.point === point && one.extension.id === id),
  );
  if (unused === undefined) return;
  throw new ConformanceError(
    'CONFORMANCE_SUBJECT_INVALID',
    `${plugin} has a subject for ${unused.point} "${unused.id}", which it does not contribute`,
    {
      hint: `It contributes: ${contributions.map(({ point, extension }) => `${point} "${extension.id}"`).join(', ') || 'nothing'}.`,
    },
  );
}

function entriesOf(
  subjects: ConformanceSubjects,
): readonly { readonly point: string; readonly id: string; readonly subject: object }[] {
  return Object.entries(subjects).flatMap(([point, byId]) =>
    Object.entries((byId ?? {}) as Readonly<Record<string, object>>).map(([id, subject]) => ({
      point,
      id,
      subject,
    })),
  );
}
