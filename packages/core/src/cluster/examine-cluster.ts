import { TuringPiError } from '@turingpi/foundation';
import { checkConfigKeys, withKeys } from '../config/check-config-keys.js';
import type { ClusterConfig } from '../config/cluster-config.js';
import { CONFIG_KEYS } from '../config/config-keys.js';
import type { ConfigIssue } from '../config/describe-issues.js';
import { examineConfig, type ParseConfigOptions } from '../config/parse-config.js';
import type { PluginDiscovery } from '../plugin/discover-plugins.js';
import { objectsOf } from '../plugin/objects-of.js';
import type { BrokenContribution } from '../plugin/extension-registry.js';
import { findPlugins } from './wire-plugins.js';

/** What is needed to examine a configuration together with its plugins. */
export interface ExamineClusterOptions extends ParseConfigOptions {
  /** Also use the plugins that this package depends on. */
  readonly programDir?: string | undefined;
}

/** A configuration with the plugins that it uses, and everything that is wrong in its keys. */
export interface ExaminedCluster {
  /** With errors, for finding further ones only. */
  readonly config: ClusterConfig;
  readonly discovery: PluginDiscovery;
  readonly issues: readonly ConfigIssue[];
  /** Plugins of which something cannot be used: what is missed may be theirs. */
  readonly unusable: readonly BrokenContribution[];
}

/**
 * Checks a configuration: core's own keys first, of which one names plugins; then the others, of which plugins say what
 * may be there.
 *
 * @throws PluginError for a plugin that is named and missing or broken, where nothing else is wrong; two plugins with the
 * same key.
 */
export async function examineCluster(
  input: unknown,
  options: ExamineClusterOptions,
): Promise<ExaminedCluster> {
  const { config, issues, rest } = await examineConfig(input, options);
  let discovery: PluginDiscovery;
  try {
    discovery = await findPlugins(config, { projectDir: options.baseDir, programDir: options.programDir });
  } catch (error) {
    if (!TuringPiError.is(error) || issues.length === 0) throw error;
    // What the other keys may be is not known then.
    return { config, discovery: NOTHING, issues: [...issues, ofPlugins(error)], unusable: [] };
  }
  const plugins = discovery.plugins.map(({ plugin }) => plugin);
  const keys = objectsOf(CONFIG_KEYS, plugins, config.replace);
  const checked = await checkConfigKeys(
    rest,
    keys.extensions.map(({ extension }) => extension),
    options.boardName === undefined,
  );
  const failures = discovery.failures.map(({ name, error }) => ({ plugin: name, error }));
  const unusable = [...failures, ...keys.broken];
  return {
    config: Object.freeze({ ...config, contributed: checked.values }),
    discovery,
    issues: withKeys(issues, {
      issues: checked.issues,
      unknown: checked.unknown.map((issue) => maybeOf(unusable, issue)),
    }),
    unusable,
  };
}

const NOTHING: PluginDiscovery = { plugins: [], failures: [] };

/** What is unknown may be that of a plugin which cannot be used: the issue, with that said. */
export function maybeOf(unusable: readonly BrokenContribution[], issue: ConfigIssue): ConfigIssue {
  const hint = hintOf(unusable);
  if (hint === undefined) return issue;
  const names = [...new Set(missable(unusable).map(({ plugin }) => plugin))].join(', ');
  return { ...issue, message: `${issue.message} (or of a plugin that cannot be used: ${names})`, hint };
}

/** What is missed may be what a plugin would bring that cannot be used. */
export function hintOf(unusable: readonly BrokenContribution[]): string | undefined {
  const missed = missable(unusable);
  if (missed.length === 0) return undefined;
  const named = missed.map(
    ({ plugin, error }) => `${plugin} (${error.code}: ${error.message}: ${error.hint})`,
  );
  return `Plugins that cannot be used: ${[...new Set(named)].join(', ')}.`;
}

/** What somebody may miss of all that is not there. */
export function missable(unusable: readonly BrokenContribution[]): readonly BrokenContribution[] {
  return unusable.filter(({ rests }) => rests !== true);
}

function ofPlugins({ code, message, hint }: TuringPiError): ConfigIssue {
  return { path: ['plugins'], message: `cannot be used: ${message}`, code, hint };
}
