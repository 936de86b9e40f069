import path from 'node:path';
import type { CommandContext, CommandOption } from '@turingpi/cli/plugin';
import { FleetError } from '../orchestrator/fleet-error.js';

/** What a command line says, as it is meant. Paths are absolute. */
export interface FleetWords {
  readonly verb: string;
  readonly fleet: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly reinstall: boolean;
  /** What stands after the verb, as it is written. */
  readonly what?: string;
  /** The same as the path of a file. */
  readonly file?: string;
  readonly out?: string;
  readonly key?: string;
  readonly operator?: string;
  readonly approvals?: string;
  readonly site?: string;
  readonly name?: string;
  readonly resume: boolean;
  readonly page: boolean;
  readonly watch: boolean;
  readonly port?: number;
  readonly stateServer?: string;
  /** Of host keys. */
  readonly fingerprints: readonly string[];
}

export const FLEET_OPTIONS: readonly CommandOption[] = [
  { flags: '-f, --fleet <file>', summary: 'the fleet file', default: 'fleet.yaml' },
  {
    flags: '-l, --labels <list>',
    summary: 'only boards with these labels: stage=canary,room=2',
    parse: labelsOf,
  },
  { flags: '--reinstall', summary: 'plan: install finished nodes anew' },
  { flags: '-o, --out <file>', summary: 'plan, approve: write it to a new file' },
  { flags: '--operator <name>', summary: 'approve: who approves, as the fleet file calls them' },
  { flags: '--key <file>', summary: 'approve: the private key, as `turingpi fleet key` makes it' },
  { flags: '--approvals <file>', summary: 'up: what was approved' },
  { flags: '--site <name>', summary: 'agent: the site whose boards it serves' },
  {
    flags: '--fingerprint <list>',
    summary: 'adopt: host keys that are confirmed, as `ssh-keygen -l` prints them, with commas between',
    parse: (text) => text.split(','),
  },
  { flags: '--page', summary: 'watch: serve a page of the fleet on this computer instead' },
  { flags: '--watch', summary: 'up, reinstall: serve that page while the rollout goes on' },
  { flags: '--port <port>', summary: 'of the page; default: a free one', parse: portOf },
  {
    flags: '--state-server <file>',
    summary: 'controller: serve the records as well, as `turingpi state-server <file>` does',
  },
  { flags: '--resume', summary: 'drain: let the site take work again' },
  { flags: '--name <name>', summary: 'agent: its name on its site; default: that of this computer' },
];

/** @throws FleetError `FLEET_USAGE` */
export function fleetWords({ args, options, cwd }: CommandContext): FleetWords {
  const [verb = '', what] = args;
  const at = (name: string) => {
    const value = options[name];
    return typeof value === 'string' ? { [name]: path.resolve(cwd, value) } : {};
  };
  const {
    labels = {},
    operator,
    site,
    name,
    reinstall = false,
    resume = false,
    page = false,
    watch = false,
    port,
  } = options as Partial<FleetWords>;
  return {
    ...{ verb, labels, reinstall, resume, page, watch },
    ...(port === undefined ? {} : { port }),
    fingerprints: (options['fingerprint'] as readonly string[] | undefined) ?? [],
    fleet: path.resolve(cwd, String(options['fleet'])),
    ...(operator === undefined ? {} : { operator }),
    ...(site === undefined ? {} : { site }),
    ...(name === undefined ? {} : { name }),
    ...(what === undefined ? {} : { what, file: path.resolve(cwd, what) }),
    ...at('out'),
    ...at('key'),
    ...at('approvals'),
    ...at('stateServer'),
  };
}

/**
 * What a verb cannot do without.
 *
 * @throws FleetError `FLEET_USAGE`
 */
export function needed(value: string | undefined, what: string): string {
  if (value !== undefined) return value;
  throw new FleetError('FLEET_USAGE', `${what} is missing`, {
    hint: '`turingpi fleet --help` shows an example of each.',
  });
}

function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Error('expected a port from 0 to 65535');
  return Number(text);
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair) => pair.split('='));
  if (pairs.some(([key = '', value = '', ...more]) => key === '' || value === '' || more.length > 0))
    throw new Error('expected name=value, several with commas between');
  return Object.fromEntries(pairs) as Record<string, string>;
}
