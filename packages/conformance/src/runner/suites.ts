import type { ConfigKey, Extension } from '@turingpi/core/plugin';
import type { ImageBackend } from '@turingpi/image';
import { actionCases } from '../action/action-cases.js';
import { boardCases } from '../board/board-cases.js';
import { commandCases, type CommandSubject } from '../command/command-cases.js';
import { configKeyCases } from '../configuration/config-key-cases.js';
import type { ConformanceCase } from '../conformance-case.js';
import { imageBackendCases } from '../image/image-backend-cases.js';
import { imageEscapeCases } from '../image/image-escape-cases.js';
import { operatingSystemCases } from '../system/operating-system-cases.js';
import { stateStoreCases } from '../state/state-store-cases.js';
import { strategyCases } from '../strategy/strategy-cases.js';
import type { ConformanceSubjects } from './conformance-subjects.js';
import { type InstalledPlugin, runInProject } from './installed-command.js';

type Point = keyof ConformanceSubjects;
type SubjectOf<P extends Point> = NonNullable<ConformanceSubjects[P]>[string];

/** The cases of one contribution. */
type Suite<P extends Point> = (
  extension: Extension,
  subject: SubjectOf<P>,
  plugin: InstalledPlugin,
) => readonly ConformanceCase[];

/** The suite of each extension point that has one. What a plugin contributes there is of that point's type. */
const SUITES: { readonly [P in Point]-?: Suite<P> } = {
  os: (system, subject, { plugin }) => operatingSystemCases({ ...subject, plugin, id: system.id }),
  boards: (_board, subject) => boardCases(subject),
  actions: (action, subject, { plugin }) => actionCases({ ...subject, plugin, id: action.id }),
  strategies: (_strategy, subject) => strategyCases(subject),
  imageBackends: (backend, subject) => {
    const whole = { ...subject, backend: backend as ImageBackend };
    return [...imageBackendCases(whole), ...imageEscapeCases(whole)];
  },
  stateStores: (_store, subject) => stateStoreCases(subject),
  configKeys: (key, subject) => configKeyCases({ ...subject, key: key as ConfigKey }),
  commands: (command, { config, ...subject }, plugin) =>
    commandCases({
      ...subject,
      command: command as CommandSubject['command'],
      run: runInProject(plugin, config === undefined ? {} : { config }),
    }),
};

/** The suite of an extension point, for a subject whose type nobody has checked; undefined where there is none. */
export function suiteOf(
  point: string,
):
  | ((extension: Extension, subject: object, plugin: InstalledPlugin) => readonly ConformanceCase[])
  | undefined {
  return Object.hasOwn(SUITES, point)
    ? (extension, subject, plugin) => (SUITES[point as Point] as Suite<Point>)(extension, subject, plugin)
    : undefined;
}
