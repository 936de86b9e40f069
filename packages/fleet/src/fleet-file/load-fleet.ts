import path from 'node:path';
import {
  type ConfigFile,
  configInvalid,
  type ConfigIssue,
  describeIssues,
  didYouMean,
  IN_PLAIN_WORDS,
  readConfigFile,
  resolvePath,
  salvageInput,
} from '@turingpi/core/plugin';
import type { RolloutPolicy, Site } from '../orchestrator/rollout.js';
import { type FleetInput, fleetSchema } from './fleet-schema.js';

/** A board as the fleet file has it. */
export interface FleetBoard {
  readonly id: string;
  readonly site: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Its turingpi.yaml, where its agents are. */
  readonly configuration: string;
  /** The file with its `workflow` section; missing where its own configuration has one. */
  readonly workflow?: string;
  /** As `state` of a configuration: where its records are kept, unless its own configuration says so. */
  readonly state?: Readonly<Record<string, unknown>>;
}

/** What a fleet file says. Paths are absolute. */
export interface Fleet {
  readonly name: string;
  /** Ed25519 public keys, by the name of who has the private one. */
  readonly operators: ReadonlyMap<string, string>;
  readonly sites: readonly Site[];
  readonly boards: readonly FleetBoard[];
  readonly policy: RolloutPolicy;
  /** What carries rollouts, as it is written; missing: the command that begins one. */
  readonly engine?: { readonly id: string; readonly settings: unknown };
  /** The file itself. */
  readonly file: ConfigFile;
}

/**
 * Reads a fleet file. Nothing else is read: what boards and their workflows are is for the agents that have them.
 *
 * @throws ConfigError `CONFIG_NOT_FOUND`, `CONFIG_UNREADABLE`, `CONFIG_INVALID` with line and column
 */
export async function loadFleet(file: string): Promise<Fleet> {
  const read = await readConfigFile(file);
  const parsed = fleetSchema.safeParse(read.input, IN_PLAIN_WORDS);
  const input = parsed.success ? parsed.data : (salvageInput(fleetSchema, read.input) as Partial<FleetInput>);
  const issues = [
    ...(parsed.success ? [] : describeIssues(parsed.error.issues, fleetSchema)),
    ...unknownSites(input),
  ];
  if (!parsed.success || issues.length > 0) throw configInvalid(issues, read);
  return fleetOf(parsed.data, read);
}

function fleetOf(
  { fleet, operators, sites, boards, workflows, rollout, engine, state: stateOfAll }: FleetInput,
  file: ConfigFile,
): Fleet {
  const { baseDir } = file;
  const [[id, settings] = [undefined, undefined]] = Object.entries(engine ?? {});
  return {
    name: fleet,
    operators: new Map(Object.entries(operators)),
    sites: Object.entries(sites).map(([id, { limits }]) => ({ id, limits })),
    boards: Object.entries(boards).map(([id, { site, labels, configuration }]) => {
      const workflow = workflows.find((one) => hasLabels(labels, one.labels))?.file;
      const state = sites[site]?.state ?? stateOfAll;
      return {
        ...{ id, site, labels },
        configuration: resolvePath(baseDir, configuration ?? path.join('boards', `${id}.yaml`)),
        ...(workflow === undefined ? {} : { workflow: resolvePath(baseDir, workflow) }),
        ...(state === undefined ? {} : { state }),
      };
    }),
    policy: rollout,
    ...(id === undefined ? {} : { engine: { id, settings: settings ?? {} } }),
    file,
  };
}

/** Whether a board has all of these labels. */
export function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

function unknownSites({ boards = {}, sites = {} }: Partial<FleetInput>): ConfigIssue[] {
  const known = Object.keys(sites);
  return Object.entries(boards).flatMap(([id, board]) => {
    // What could not be understood of a board is told already.
    const site = (board as Partial<FleetInput['boards'][string]> | undefined)?.site;
    if (site === undefined || known.includes(site) || known.length === 0) return [];
    return [{ path: ['boards', id, 'site'], message: `there is no site ${site}${didYouMean(site, known)}` }];
  });
}
