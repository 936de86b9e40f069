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

/** One thing by its name, with its settings: what they mean is for the plugin of that name. */
const one = (what: string) =>
  z
    .record(name, z.unknown())
    .refine((named) => Object.keys(named).length === 1, `expected one ${what} with its settings`);

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
      /** Where the records of its boards are kept, where it is elsewhere than those of other sites. */
      state: one('store').optional(),
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
  /** The server that carries rollouts. Default: the command that begins one carries it itself. */
  engine: one('engine').optional(),
  /** Where records are kept, as in a configuration, for boards whose own does not say it. */
  state: one('store').optional(),
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
