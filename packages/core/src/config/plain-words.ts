import type { z } from 'zod';
import { didYouMean } from './near-name.js';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** What is said of a key that must be there and is not. */
export const MISSING = 'is required but missing';

/**
 * How a schema is asked so that it answers in plain words: `schema.safeParse(input, IN_PLAIN_WORDS)`. What a schema says
 * itself goes before.
 */
export const IN_PLAIN_WORDS = { error: plainWords } as const;

/** Says in plain words what zod finds; never with what was written, which may be a secret. */
function plainWords(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return MISSING;
      return `expected ${kindNamed(issue.expected)}, not ${kindOf(issue.input)}`;
    case 'too_small':
      return outOfBounds(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return outOfBounds(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_format':
      return formatNamed(issue);
    case 'invalid_value':
      return oneOf(issue.values.map(String), issue.input);
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `has keys that are not known: ${issue.keys.join(', ')}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'is no name that may be here';
    case 'invalid_union':
      return 'is none of the forms that may be here';
    default:
      return 'is not valid';
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
  tuple: 'a list',
  date: 'a date',
  null: 'nothing',
};

function kindNamed(kind: string): string {
  return KINDS[kind] ?? kind;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return kindNamed(typeof value);
}

function outOfBounds(origin: string, relation: string, bound: number | bigint): string {
  const many = Number(bound) !== 1;
  switch (origin) {
    case 'string':
      if (relation === 'at least' && !many) return 'is empty';
      return `expected a text of ${relation} ${bound} ${many ? 'characters' : 'character'}`;
    case 'array':
    case 'set':
    case 'map':
      return `expected ${relation} ${bound} ${many ? 'entries' : 'entry'}`;
    default:
      return `expected a number of ${relation} ${bound}`;
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  url: 'an address, for example https://example.org/file',
  email: 'an e-mail address',
  ipv4: 'an IPv4 address, for example 192.168.1.100',
  ipv6: 'an IPv6 address, for example fd00::1',
  cidrv4: 'a network, for example 192.168.1.0/24',
  cidrv6: 'a network, for example fd00::/64',
  mac: 'a MAC address, for example d8:3a:dd:00:00:01',
  uuid: 'a UUID',
  base64: 'a text in base64',
  date: 'a date, for example 2026-10-06',
  time: 'a time, for example 12:30:00',
  datetime: 'a date with a time, for example 2026-10-06T12:30:00Z',
};

function formatNamed(issue: Extract<RawIssue, { code: 'invalid_format' }>): string {
  const { format, prefix, suffix, includes, pattern } = issue as Partial<Record<string, string>>;
  if (prefix !== undefined) return `expected a text that begins with ${prefix}`;
  if (suffix !== undefined) return `expected a text that ends with ${suffix}`;
  if (includes !== undefined) return `expected a text with ${includes} in it`;
  if (format === 'regex') return `expected a text that fits the pattern ${pattern ?? ''}`.trim();
  return `expected ${FORMATS[format ?? ''] ?? `a text in the form ${format ?? ''}`}`;
}

function oneOf(values: readonly string[], input: unknown): string {
  if (input === undefined) return MISSING;
  if (values.length === 1) return `expected ${values.join('')}`;
  return `expected one of ${values.join(', ')}${typeof input === 'string' ? didYouMean(input, values) : ''}`;
}
