import type { z } from 'zod';
import { nearName } from './near-name.js';
import { MISSING } from './plain-words.js';
import { branchesOf, keysOf, schemaAt } from './schema-at.js';

/** One thing that is wrong in a configuration, with the place where it is. */
export interface ConfigIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The error that it would end in later, where it has a code of its own. */
  readonly code?: string;
  /** What to do, where more can be said than what the key means. */
  readonly hint?: string;
}

type ZodIssue = z.core.$ZodIssue;

/**
 * Makes of what zod finds one sentence a problem, at its place: of an unknown key the nearest known one is suggested, and
 * where several forms are possible, what is wrong in the one that is meant is told rather than that none fits.
 *
 * @param issues - of a schema that was asked with {@link IN_PLAIN_WORDS}
 */
export function describeIssues(issues: readonly ZodIssue[], schema: z.ZodType): ConfigIssue[] {
  return withoutMeant(
    issues.flatMap((issue): ConfigIssue[] => {
      const { path, message } = issue;
      switch (issue.code) {
        case 'unrecognized_keys':
          return issue.keys.map((key) => unknownKey([...path, key], keysOf(schemaAt(schema, path))));
        case 'invalid_key':
          return [{ path, message: issue.issues[0]?.message ?? message }];
        case 'invalid_union':
          return ofForms(issue, schemaAt(schema, path)).map((found) => ({
            ...found,
            path: [...path, ...found.path],
          }));
        default:
          return [{ path, message }];
      }
    }),
  );
}

const UNKNOWN = 'unknown key';

/** What is said of a key that nobody knows, with the nearest of those that are known there, else all of them. */
export function unknownKey(path: readonly PropertyKey[], known: readonly string[]): ConfigIssue {
  const near = nearName(String(path.at(-1)), known);
  if (near !== undefined) return { path, message: `${UNKNOWN}${meaning(near)}` };
  return { path, message: known.length > 0 ? `${UNKNOWN}; known here: ${known.join(', ')}` : UNKNOWN };
}

/** Whether a key is nobody's, and a name near to it is meant. */
export function isMisspelt(
  { path, message }: ConfigIssue,
  at: readonly PropertyKey[],
  name: string,
): boolean {
  return message.startsWith(`${UNKNOWN}${meaning(name)}`) && formatPath(path.slice(0, -1)) === formatPath(at);
}

function meaning(name: string): string {
  return `, did you mean \`${name}\`?`;
}

/** A path as people write it: `node1.ssh.port`, `files[2].path`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );
}

/** In which order what is wrong is best read: keys that nobody knows first, then what is missing, then all else. */
export function rankOf({ message }: Pick<ConfigIssue, 'message'>): 0 | 1 | 2 {
  if (message.startsWith(UNKNOWN)) return 0;
  return message.includes(MISSING) || message.startsWith('no node is configured') ? 1 : 2;
}

/** A key is not missing that is only misspelt. */
function withoutMeant(issues: readonly ConfigIssue[]): ConfigIssue[] {
  return issues.filter(
    ({ path, message }) =>
      message !== MISSING ||
      !issues.some((other) => isMisspelt(other, path.slice(0, -1), String(path.at(-1)))),
  );
}

/**
 * What is wrong where one of several forms is expected. The form that is meant is the one of which the fewest things are
 * wrong; where that is not clear, the keys that no form has are told, else that none fits. Paths start at the place.
 */
function ofForms(issue: Extract<ZodIssue, { code: 'invalid_union' }>, schema: unknown): ConfigIssue[] {
  const forms = branchesOf(schema);
  const meant = issue.errors.flatMap((errors, index) => {
    const form = forms[index];
    return form !== undefined && errors.length > 0 && errors.every(isInside) ? [{ form, errors }] : [];
  });
  const [first, ...others] = meant;
  const none = [{ path: [], message: issue.message }];
  if (first === undefined) return none;
  const known = [...new Set(meant.flatMap(({ form }) => keysOf(form)))];
  const nobodys = unknownKeysIn(first.errors).filter((key) =>
    others.every(({ errors }) => unknownKeysIn(errors).includes(key)),
  );
  const unknown = nobodys.map((key) => unknownKey([key], known));
  const rest = meant.map(({ form, errors }) =>
    describeIssues(errors, form).filter(({ path: [key], message }) => !isNobodys(key, message)),
  );
  const fewest = Math.min(...rest.map((found) => found.length));
  const [best, ...alike] = rest.filter((found) => found.length === fewest);
  if (alike.length > 0 || best === undefined) return unknown.length > 0 ? unknown : none;
  return withoutMeant([...unknown, ...best]);

  function isNobodys(key: PropertyKey | undefined, message: string): boolean {
    return message.startsWith(UNKNOWN) && nobodys.includes(String(key));
  }
}

/** Whether a problem is in a form, rather than that what is written has another form. */
function isInside({ path, code }: ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys';
}

function unknownKeysIn(issues: readonly ZodIssue[]): string[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
}
