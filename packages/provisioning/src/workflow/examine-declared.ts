import path from 'node:path';
import {
  type ConfigError,
  configInvalid,
  examineBoards,
  examineCluster,
  type ExtensionPoint,
  hintOf,
  missable,
  mergedConfigError,
  type ParseConfigOptions,
  registryOf,
  examineDrivers,
} from '@turingpi/core/plugin';
import { silentLogger } from '@turingpi/foundation';
import { checkBaseImages } from './check-base-images.js';
import { checkLogins } from './check-logins.js';
import { checkWorkflow } from './check-workflow.js';
import { workflowOptions } from './create-declared-turing-pi.js';

/** What a configuration is examined with. */
export interface ExamineDeclaredOptions extends ParseConfigOptions {
  /** Also use the plugins that this package depends on. */
  readonly programDir?: string;
  /** Kinds of contributions that the program takes from plugins. */
  readonly extensionPoints?: readonly ExtensionPoint[];
  readonly signal: AbortSignal;
}

/**
 * Finds everything that is wrong in a configuration, its `workflow` section included, as far as this computer can tell:
 * base images that are files are looked into as well. Nothing is made, started or reached.
 *
 * @returns The error in which using it would end, with all of it in `details.issues`; undefined when nothing is wrong.
 * @throws PluginError for a plugin that is named and missing or broken, where nothing else is wrong; the signal's reason
 */
export async function examineDeclared(
  input: unknown,
  options: ExamineDeclaredOptions,
): Promise<ConfigError | undefined> {
  const { boards, issues } = examineBoards(input);
  const errors = issues.length === 0 ? [] : [configInvalid(issues, options)];
  for (const { name, pathInWhole, ...board } of boards) {
    const named = name === undefined ? {} : { boardName: name, pathInWhole };
    const error = await examineBoard(board.input, { ...options, ...named });
    if (error !== undefined) errors.push(error);
  }
  return errors.length === 0 ? undefined : mergedConfigError(errors, options);
}

async function examineBoard(
  input: unknown,
  options: ExamineDeclaredOptions,
): Promise<ConfigError | undefined> {
  const baseDir = path.resolve(options.baseDir);
  const { config, issues, discovery, unusable } = await examineCluster(input, { ...options, baseDir });
  let registry: ReturnType<typeof registryOf> | undefined;
  try {
    registry = registryOf(config, discovery, silentLogger, options.extensionPoints);
  } catch (error) {
    if (issues.length === 0) throw error;
  }
  const broken = missable(registry?.broken ?? []);
  // Drivers that cannot be made from what is wrong here are not missing.
  const isKnown = registry !== undefined && (issues.length === 0 || broken.length === 0);
  const unknown = registry !== undefined && isKnown ? await examineDrivers(config, registry) : [];
  const found = [...issues, ...unknown];
  if (config.workflow !== undefined) {
    const check = workflowOptions(registry, options, found.length === 0 ? discovery : undefined);
    found.push(
      // Nothing is reached, so what has to be fetched once is not missed.
      ...(await checkWorkflow(config, check)).filter(({ code }) => code !== 'SSH_KEYS_NOT_FETCHED'),
      ...(await checkBaseImages(config, { actions: check.actions, signal: options.signal })),
    );
    if (found.length === 0) found.push(...(await checkLogins(config, check)));
  }
  if (found.length === 0) return undefined;
  return configInvalid(found, options, unknown.length > 0 ? hintOf([...unusable, ...broken]) : undefined);
}
