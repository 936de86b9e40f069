import { docsPage } from '@turingpi/foundation';
import { ConfigError } from '../errors/config-error.js';
import { type ConfigIssue, formatPath } from './describe-issues.js';

/** Where what is not in the file is told: after what is. */
const LAST = Number.MAX_SAFE_INTEGER;

/** Where in a configuration file a key is; both are counted from one. */
export interface ConfigPlace {
  readonly line: number;
  readonly column: number;
}

/** Where a configuration came from, and how its keys are called there. */
export interface ConfigOrigin {
  /** For messages; default `the configuration`. */
  readonly source?: string;
  /** Tells where a key is written, in a source that has lines. */
  readonly placeOf?: (path: readonly PropertyKey[]) => ConfigPlace | undefined;
  /** Tells how a key of one board is called in a configuration of several. */
  readonly pathInWhole?: (path: readonly PropertyKey[]) => readonly PropertyKey[];
}

/** What is wrong, as `details.issues` of an error has it. */
interface DescribedIssue extends Omit<ConfigIssue, 'path'>, Partial<ConfigPlace> {
  readonly key: string;
}

/**
 * Makes the error for a list of issues: the first one in the message, all of them in the details.
 *
 * @param hint - what to do, where the issue knows better than the general advice
 */
export function configInvalid(
  issues: readonly ConfigIssue[],
  origin: ConfigOrigin,
  hint?: string,
): ConfigError {
  const described = issues.map((issue) => {
    const { message, code, hint: advice } = issue;
    const path = origin.pathInWhole?.(issue.path) ?? issue.path;
    return {
      key: formatPath(path),
      message,
      ...(code === undefined ? {} : { code }),
      ...(advice === undefined ? {} : { hint: advice }),
      ...origin.placeOf?.(path),
    };
  });
  return errorOf(described, origin, hint);
}

/** Makes one error of those of several boards: what is wrong in what they share is told once. */
export function mergedConfigError(errors: readonly ConfigError[], origin: ConfigOrigin): ConfigError {
  const all = errors.flatMap(({ details }) => (details['issues'] ?? []) as readonly DescribedIssue[]);
  const isFirst = (issue: DescribedIssue, index: number) =>
    all.findIndex(({ key, message }) => key === issue.key && message === issue.message) === index;
  return errorOf(all.filter(isFirst), origin, errors.length === 1 ? errors[0]?.hint : undefined);
}

function errorOf(
  issues: readonly DescribedIssue[],
  { source }: ConfigOrigin,
  hint: string | undefined,
): ConfigError {
  const described = issues.toSorted(
    (a, b) => (a.line ?? LAST) - (b.line ?? LAST) || (a.column ?? 0) - (b.column ?? 0),
  );
  const [first] = described;
  const place = `${source ?? 'the configuration'}${first?.line === undefined ? '' : `:${first.line}:${first.column ?? 1}`}`;
  const more = described.length > 1 ? ` (and ${described.length - 1} more)` : '';
  const onlySecrets = described.every(({ code }) => code === 'CONFIG_SECRET_MISSING');
  return new ConfigError(
    onlySecrets ? 'CONFIG_SECRET_MISSING' : 'CONFIG_INVALID',
    `${place}: ${first?.key ? `\`${first.key}\` ` : ''}${first?.message ?? 'is not valid'}${first?.code === undefined || onlySecrets ? '' : ` (${first.code})`}${more}`,
    {
      hint:
        hint ??
        first?.hint ??
        (first?.key === 'ip'
          ? 'Give the address of the board controller as `ip`.'
          : `Every key is in ${docsPage('configuration')}.`),
      details: { issues: described },
    },
  );
}
