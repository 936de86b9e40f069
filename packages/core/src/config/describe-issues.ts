import leven from 'leven';
import { z } from 'zod';

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

/** Turns zod's issues into sentences with the key's place; unknown keys get the nearest known one suggested. */
export function describeIssues(issues: readonly ZodIssue[], schema: z.ZodType): ConfigIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: sentence(issue) }];
    return issue.keys.map((key) => unknownKey([...issue.path, key], keysAt(schema, issue.path)));
  });
}

/** What is said of a key that nobody knows, with the nearest of those that are known there. */
export function unknownKey(path: readonly PropertyKey[], known: readonly string[]): ConfigIssue {
  return { path, message: `unknown key${suggestion(String(path.at(-1)), known)}` };
}

/** A path as people write it: `node1.ssh.port`, `files[2].path`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );
}

const MISSING = 'is required but missing';
const MEANT = 'did you mean';

/**
 * How much there is to be learnt from what is said of one problem: 0 for the key that is misspelt, 2 for what is missing,
 * perhaps because of that, 1 for all else.
 */
export function rankOf({ message }: Pick<ConfigIssue, 'message'>): 0 | 1 | 2 {
  if (message.includes(MEANT)) return 0;
  return message.includes(MISSING) || message.startsWith('no node is configured') ? 2 : 1;
}

function sentence(issue: ZodIssue): string {
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return missing ? MISSING : issue.message;
}

function suggestion(key: string, known: readonly string[]): string {
  const [best] = known
    .map((name) => ({ name, distance: leven(name.toLowerCase(), key.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  if (best && best.distance <= Math.max(2, Math.floor(key.length / 3))) return `, ${MEANT} \`${best.name}\`?`;
  return known.length > 0 ? `; known here: ${known.join(', ')}` : '';
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  for (const key of path) {
    current = unwrap(current);
    if (current instanceof z.ZodObject) current = current.shape[String(key)] ?? current.def.catchall;
    else if (current instanceof z.ZodArray) current = current.element;
    else if (current instanceof z.ZodRecord) current = current.valueType;
    else return [];
  }
  current = unwrap(current);
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

/** A schema without its defaults and options. */
export function unwrap(schema: unknown): unknown {
  let current = schema;
  while (
    current instanceof z.ZodOptional ||
    current instanceof z.ZodDefault ||
    current instanceof z.ZodPrefault
  )
    current = current.unwrap();
  return current;
}
