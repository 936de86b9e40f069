import { localPath } from '@turingpi/core/plugin';
import { z } from 'zod';
import { operatorKeyOf } from '../approval/operator-key.js';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected a name of lower-case letters, digits and -, at most 63');
const names = <T extends z.ZodType>(value: T) => z.record(name, value);
const labels = z.record(name, z.string().min(1, 'is empty'));
const count = (most: number) => z.number().int().min(1).max(most);

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Hours and minutes, as minutes after midnight. */
const time = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time such as "22:00", in quotes')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const window = z.strictObject({
  /** On which days it opens. Default: every day. */
  days: z
    .array(z.enum(DAYS).transform((day) => DAYS.indexOf(day) + 1))
    .min(1)
    .default([1, 2, 3, 4, 5, 6, 7]),
  from: time,
  /** At or before `from`: on the next day. */
  until: time,
  timeZone: z.string().refine(isTimeZone, 'is no time zone, such as Europe/Berlin').default('UTC'),
});

/** What stands in a fleet file. */
export const fleetSchema = z.strictObject({
  /** Its name: an approval for another fleet does not count here. */
  fleet: name,
  /** Who may approve that disks are erased, by name: Ed25519 public keys. */
  operators: names(
    z
      .string()
      .refine(
        (text) => operatorKeyOf(text) !== undefined,
        'is no Ed25519 public key: make one with `turingpi fleet key FILE`',
      ),
  ).default({}),
  sites: names(
    z.strictObject({
      limits: z
        .strictObject({
          customise: count(64).default(1),
          install: count(64).default(4),
          postInstall: count(256).default(8),
        })
        .prefault({}),
    }),
  ).refine((sites) => Object.keys(sites).length > 0, 'has no site'),
  boards: names(
    z.strictObject({
      site: name,
      labels: labels.default({}),
      /** A turingpi.yaml of one board, which its agents read. Default: `boards/<name>.yaml`. */
      configuration: localPath.optional(),
    }),
  ).refine((boards) => Object.keys(boards).length > 0, 'has no board'),
  /** Files with a `workflow` section: the first whose labels a board has is its workflow. */
  workflows: z.array(z.strictObject({ labels: labels.default({}), file: localPath })).default([]),
  rollout: z
    .strictObject({
      /** How many boards at a time. */
      atOnce: count(1000).default(1),
      /** After so many failed boards no further one begins. */
      stopAfterFailures: count(1000).default(1),
      windows: z.array(window).default([]),
      retry: z
        .strictObject({
          attempts: count(100).default(5),
          firstDelayMs: count(3_600_000).default(5000),
          maxDelayMs: count(3_600_000).default(300_000),
        })
        .prefault({}),
    })
    .prefault({}),
});

export type FleetInput = z.output<typeof fleetSchema>;

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return true;
  } catch {
    return false;
  }
}
