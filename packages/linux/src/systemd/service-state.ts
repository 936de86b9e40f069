import type { SshSession } from '@turingpi/runtime';
import { z } from 'zod';
import { LinuxError } from '../linux-error.js';

/** What a unit is to be like; what is left out stays as it is. */
export interface WantedService {
  readonly name: string;
  /** Starts at boot. */
  readonly enabled?: boolean | undefined;
  readonly running?: boolean | undefined;
  /** Is started anew, also when it runs. */
  readonly restarted?: boolean | undefined;
  /** Reads its configuration again; one that cannot is started anew. */
  readonly reloaded?: boolean | undefined;
  /** Cannot be started at all. */
  readonly masked?: boolean | undefined;
}

/** What systemd says of a unit. */
export interface ServiceState {
  /** As `systemctl is-enabled` says it; empty for a unit that is not there. */
  readonly enabled: string;
  /** As `systemctl is-active` says it. */
  readonly active: string;
  /** Its file was changed since systemd has read it. */
  readonly isStale: boolean;
}

/** A name of a unit: `nginx`, `getty@tty1.service`. */
export const unitName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9:_.@\\-]*$/, 'expected the name of a unit, for example nginx.service');

/** Where systemd is not running, as in a root that is being made, there is nothing to be read again. */
export const RELOAD = ['sh', '-c', '[ ! -d /run/systemd/system ] || systemctl daemon-reload'] as const;

const ASK = [
  'e=$(systemctl is-enabled -- "$1" 2>/dev/null); a=$(systemctl is-active -- "$1" 2>/dev/null);',
  's=$(systemctl show --property=NeedDaemonReload --value -- "$1" 2>/dev/null);',
  'printf "%s\\n%s\\n%s\\n" "$e" "$a" "$s"',
].join(' ');

export async function serviceState(
  node: SshSession,
  name: string,
  signal: AbortSignal,
): Promise<ServiceState> {
  const { stdout } = await node.exec(['sh', '-c', ASK, 'sh', name], { signal, sudo: true });
  const [enabled = '', active = '', stale = ''] = stdout.split('\n');
  return { enabled: enabled === 'not-found' ? '' : enabled, active, isStale: stale === 'yes' };
}

/** What starts at boot, and what needs no enabling to be started by others. */
const ENABLED = /^(enabled|enabled-runtime|static|alias|generated|indirect)$/;
const ACTIVE = /^(active|activating|reloading)$/;

/**
 * The commands that make a unit what it is to be; none where it is so already.
 *
 * @throws LinuxError `UNIT_NOT_FOUND` for a unit that is to be enabled or to run, and is not there.
 */
export function serviceCommands(wanted: WantedService, state: ServiceState): readonly (readonly string[])[] {
  const { name, enabled, running, restarted = false, reloaded = false, masked } = wanted;
  const isWanted = enabled === true || running === true || restarted || reloaded;
  const isActive = ACTIVE.test(state.active);
  if (isWanted && state.enabled === '' && !isActive) throw notFound(name);
  const isMasked = state.enabled.startsWith('masked');
  const systemctl = (verb: string) => ['systemctl', verb, '--', name];
  const commands = [
    ...(state.isStale && isWanted ? [RELOAD] : []),
    ...(isMasked && (masked === false || (masked === undefined && isWanted)) ? [systemctl('unmask')] : []),
    ...(enabled === true && (isMasked || !ENABLED.test(state.enabled)) ? [systemctl('enable')] : []),
    ...(enabled === false && state.enabled.startsWith('enabled') ? [systemctl('disable')] : []),
    ...(running === false && isActive ? [systemctl('stop')] : []),
    ...(masked === true && !isMasked ? [systemctl('mask')] : []),
  ];
  if (running === false) return commands;
  if (restarted) return [...commands, systemctl('restart')];
  if (running === true && !isActive) return [...commands, systemctl('start')];
  return reloaded ? [...commands, systemctl('reload-or-restart')] : commands;
}

function notFound(name: string): LinuxError {
  return new LinuxError('UNIT_NOT_FOUND', `the node has no systemd unit ${name}`, {
    hint: 'Is the package installed that brings it? A unit of your own is made by the action `unit`.',
  });
}
