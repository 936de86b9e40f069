import { type DiscoveredObjects, discoverObjects } from '@turingpi/core';
import { checkSchema, configInvalid } from '@turingpi/core/plugin';
import type { Fleet } from '../fleet-file/load-fleet.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import { FLEET_ENGINES, type FleetEngine, type FleetEngineRequest } from './fleet-engine.js';

/** The engine that a fleet file names, and what it is opened with. */
export interface ChosenEngine {
  readonly engine: FleetEngine;
  readonly request: FleetEngineRequest;
}

/**
 * Finds the engine of a fleet among the plugins that are installed beside its file.
 *
 * @throws FleetError `FLEET_ENGINE_MISSING` when the file names none, or one that is not installed; ConfigError
 * `CONFIG_INVALID` with line and column of what is wrong in its settings
 */
export async function chosenEngine(
  { name: fleet, engine: named, file }: Fleet,
  {
    cwd,
    ...opened
  }: Pick<FleetEngineRequest, 'environment' | 'logger'> & {
    /** Where the command was found: what is installed there is looked at, too. */
    readonly cwd: string;
  },
): Promise<ChosenEngine> {
  if (named === undefined)
    throw new FleetError('FLEET_ENGINE_MISSING', `the fleet file of ${fleet} names no engine`, {
      hint: `Without one a rollout lives in the command that began it: nobody else can look at it or serve it. ${SUGGESTION}`,
    });
  const { baseDir } = file;
  const { engines, unusable } = await enginesIn([baseDir, cwd]);
  const engine = engines.find(({ id }) => id === named.id);
  if (engine === undefined) {
    const [broken] = unusable;
    throw new FleetError(
      'FLEET_ENGINE_MISSING',
      `no plugin beside the fleet file brings the engine ${named.id}`,
      {
        hint: broken === undefined ? INSTALL(named.id) : `${broken.plugin}: ${broken.error.message}`,
        cause: broken?.error,
        details: { engine: named.id },
      },
    );
  }
  const checked = await checkSchema(['engine', named.id], engine.settings, named.settings);
  if ('issues' in checked) throw configInvalid(checked.issues, file);
  return { engine, request: { fleet, settings: checked.value, baseDir, ...opened } };
}

/** The engines that are installed in folders; of two with one id that of the first. */
export async function enginesIn(folders: readonly string[]): Promise<{
  readonly engines: readonly FleetEngine[];
  readonly unusable: DiscoveredObjects<FleetEngine>['unusable'];
}> {
  const found = await Promise.all(
    [...new Set(folders)].map((baseDir) =>
      discoverObjects(FLEET_ENGINES, { baseDir, programDir: undefined }),
    ),
  );
  return {
    engines: found.flatMap(({ extensions }) => extensions.map(({ extension }) => extension)),
    unusable: found.flatMap(({ unusable }) => unusable),
  };
}

const SUGGESTION =
  'Install one beside the file, `npm install @turingpi/fleet-temporal`, and write `engine: { temporal: … }`.';

const INSTALL = (id: string): string =>
  id === 'temporal'
    ? 'Install it there: npm install @turingpi/fleet-temporal'
    : 'Install the package that brings it there; @turingpi/fleet-temporal brings `temporal`.';
