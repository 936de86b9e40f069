import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeIssues, formatPath, rankOf } from './describe-issues.js';
import { IN_PLAIN_WORDS } from './plain-words.js';

/** What is said of an input, as `key: message`. */
function said(schema: z.ZodType, input: unknown): string[] {
  const { error } = schema.safeParse(input, IN_PLAIN_WORDS);
  return describeIssues(error?.issues ?? [], schema).map(
    ({ path, message }) => `${formatPath(path)}: ${message}`,
  );
}

const one = (schema: z.ZodType) => z.strictObject({ key: schema });

describe('what a schema finds is said in plain words', () => {
  it.each<[schema: z.ZodType, value: unknown, words: string]>([
    [z.string(), undefined, 'is required but missing'],
    [z.enum(['a', 'b']), undefined, 'is required but missing'],
    [z.string(), 5, 'expected a text, not a number'],
    [z.string(), null, 'expected a text, not nothing'],
    [z.int(), 1.5, 'expected a whole number, not a number'],
    [z.boolean(), 'yes', 'expected true or false, not a text'],
    [z.strictObject({}), [], 'expected a map of keys, not a list'],
    [z.array(z.string()), {}, 'expected a list, not a map of keys'],
    [z.int().min(8).max(32), 99, 'expected a number of at most 32'],
    [z.int().min(8).max(32), 1, 'expected a number of at least 8'],
    [z.int().positive(), 0, 'expected a number of more than 0'],
    [z.string().min(1), '', 'is empty'],
    [z.string().max(3), 'four', 'expected a text of at most 3 characters'],
    [z.array(z.string()).min(1), [], 'expected at least 1 entry'],
    [z.enum(['ext4', 'xfs', 'vfat']), 'ext3', 'expected one of ext4, xfs, vfat, did you mean `ext4`?'],
    [z.enum(['ext4', 'xfs', 'vfat']), 7, 'expected one of ext4, xfs, vfat'],
    [z.literal(true), 'no', 'expected true'],
    [z.url(), 'x', 'expected an address, for example https://example.org/file'],
    [z.string().startsWith('/'), 'x', 'expected a text that begins with /'],
    [z.string().regex(/^a$/), 'x', 'expected a text that fits the pattern /^a$/'],
    [z.int().multipleOf(5), 7, 'expected a multiple of 5'],
    [z.record(z.string().regex(/a/, 'expected an a'), z.int()), { x: 1 }, 'expected an a'],
    [z.string().refine(() => false), 'x', 'is not valid'],
    [z.string().min(9, 'own words'), 'x', 'own words'],
  ])('%#: %j', (schema, value, words) => {
    const told = said(one(schema), { key: value });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^key(\.x)?: /);
    expect(told[0]?.replace(/^key(\.x)?: /, '')).toBe(words);
  });

  it('never with what was written', () => {
    const secret = one(z.union([z.strictObject({ env: z.string() }), z.enum(['a', 'b']), z.int().max(3)]));
    for (const key of ['hunter22', ['hunter22'], { env: ['hunter22'] }])
      expect(said(secret, { key }).join()).not.toContain('hunter22');
  });
});

describe('of several forms', () => {
  const waited = z.union(
    [
      z.strictObject({
        port: z.int().max(65_535),
        host: z.string().optional(),
        timeoutMs: z.int().optional(),
      }),
      z.strictObject({ file: z.string(), timeoutMs: z.int().optional() }),
      z.string().transform((file) => ({ file })),
    ],
    'expected { port } or { file }',
  );

  it.each<[input: unknown, ...told: string[]]>([
    [{ prt: 80 }, 'key.prt: unknown key, did you mean `port`?'],
    [{ port: 80, hots: 'a' }, 'key.hots: unknown key, did you mean `host`?'],
    [{ port: '80' }, 'key.port: expected a number, not a text'],
    [{ file: '/a', timeoutMs: 'x' }, 'key.timeoutMs: expected a number, not a text'],
    [
      { zzzzzz: 1, file: 5 },
      'key.zzzzzz: unknown key; known here: port, host, timeoutMs, file',
      'key.file: expected a text, not a number',
    ],
    [{}, 'key: expected { port } or { file }'],
    [5, 'key: expected { port } or { file }'],
    [{ port: 80, file: '/a' }, 'key: expected { port } or { file }'],
  ])('the one that is meant is told of: %j', (input, ...told) => {
    expect(said(one(waited), { key: input })).toEqual(told);
  });

  it('also one in another, and what is made of it', () => {
    const nested = one(z.array(z.union([z.int(), z.strictObject({ wait: waited })], 'no')));
    expect(said(nested.transform(String), { key: [{ wait: { prt: 80 } }] })).toEqual([
      'key[0].wait.prt: unknown key, did you mean `port`?',
    ]);
  });
});

describe('a key that is misspelt', () => {
  it('is not missing as well', () => {
    const schema = z.strictObject({ board: z.string(), ip: z.string() });
    expect(said(schema, { bord: 'rk1' })).toEqual([
      'ip: is required but missing',
      'bord: unknown key, did you mean `board`?',
    ]);
  });

  it('is told first, then what is missing, then the rest', () => {
    const ranks = [
      'unknown key; known here: a',
      'unknown key, did you mean `a`?',
      'is required but missing',
      'x',
    ];
    expect(ranks.map((message) => rankOf({ message }))).toEqual([0, 0, 1, 2]);
    expect(rankOf({ message: 'names the board "cm5", did you mean `cm4`?' })).toBe(2);
  });
});
