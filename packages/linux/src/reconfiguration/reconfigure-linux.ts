import type { JsonValue } from '@turingpi/core/plugin';
import {
  type DerivedAction,
  INSTALLATION_RECORD,
  type ReconfigurationRequest,
  type SettingChange,
  type SettingsInPlace,
} from '@turingpi/provisioning';
import { keyOf } from '../account/authorized-keys.js';
import { LinuxNetwork } from '../network/linux-network.js';

/** Of packages, accounts and the like nobody knows who else relies on them by now. */
const STAYS = 'what is not asked for any more stays on the node as it is';

/** Which settings of a Linux can be changed as it runs, and by which actions. */
export function reconfigureLinux(request: ReconfigurationRequest): readonly SettingsInPlace[] {
  const found = [hostname, timezone, locale, packages, password, sshKeys, networkSettings].flatMap(
    (reconfigure) => {
      const settings = reconfigure(request);
      return settings === undefined ? [] : [settings];
    },
  );
  return [...found, record(request)];
}

function hostname({ changes, network }: ReconfigurationRequest): SettingsInPlace | undefined {
  const name = 'network.hostname';
  if (changeOf(name, changes) === undefined) return undefined;
  return { settings: [name], actions: [{ action: 'hostname', input: () => network.hostname }] };
}

/** Whatever else it is about: the files for all of it are written together. */
function networkSettings({ changes }: ReconfigurationRequest): SettingsInPlace | undefined {
  const settings = changes
    .map(({ name }) => name)
    .filter((name) => name.startsWith('network.') && name !== 'network.hostname');
  return settings.length === 0 ? undefined : { settings, actions: [], network: new LinuxNetwork() };
}

function timezone({ changes, credentials }: ReconfigurationRequest): SettingsInPlace | undefined {
  if (changeOf('timezone', changes) === undefined) return undefined;
  return single('timezone', credentials?.timezone);
}

function locale({ changes, credentials }: ReconfigurationRequest): SettingsInPlace | undefined {
  if (changeOf('locale', changes) === undefined) return undefined;
  return single('locale', credentials?.locale);
}

/** A setting of the same name as its action; not asked for any more, it stays. */
function single(name: 'timezone' | 'locale', value: string | undefined): SettingsInPlace {
  if (value === undefined) return { settings: [name], actions: [], leaves: STAYS };
  return { settings: [name], actions: [{ action: name, input: () => value }] };
}

function packages({ changes, credentials }: ReconfigurationRequest): SettingsInPlace | undefined {
  const change = changeOf('packages', changes);
  if (change === undefined) return undefined;
  const wanted = [...(credentials?.packages ?? [])];
  const dropped = withTried(change).filter((name) => !wanted.includes(name));
  return {
    settings: ['packages'],
    actions: wanted.length === 0 ? [] : [{ action: 'apt', input: () => wanted }],
    ...(dropped.length > 0 && { leaves: `stays installed: ${dropped.join(', ')}` }),
  };
}

function password(request: ReconfigurationRequest): SettingsInPlace | undefined {
  const { changes, credentials, username, passwordSalt } = request;
  if (changeOf('user.password', changes) === undefined || username === undefined) return undefined;
  const secret = credentials?.password;
  if (secret === undefined) return { settings: ['user.password'], actions: [], leaves: 'the password stays' };
  if (!takesPasswords(request) && asksForPasswords(request)) return undefined;
  const input = async () => ({ user: username, password: secret, salt: await passwordSalt() });
  return { settings: ['user.password'], actions: [{ action: 'password', input }] };
}

function sshKeys(request: ReconfigurationRequest): SettingsInPlace | undefined {
  const { changes, credentials, username } = request;
  const change = changeOf('user.sshKeys', changes);
  if (change === undefined || username === undefined) return undefined;
  // A server that takes keys alone would have to be told to take passwords.
  if (!takesPasswords(request) && asksForPasswords(request)) return undefined;
  const keys = [...(credentials?.sshKeys ?? [])];
  const wanted = new Set(keys.map((key) => keyOf(key)));
  // What was let in by us, and is not any more: by the record, which has fingerprints.
  const known = withTried(change).filter((key) => !textsOf(change.after).includes(key));
  const give: DerivedAction = { action: 'authorizedKeys', input: () => ({ user: username, keys }) };
  const take: DerivedAction = {
    action: 'authorizedKeys',
    input: () => ({ user: username, keys, absent: known }),
    afterLogin: true,
  };
  return {
    settings: ['user.sshKeys'],
    actions: [...(wanted.size > 0 ? [give] : []), ...(known.length > 0 ? [take] : [])],
    ...(takesPasswords(request) && keys.length > 0 && { leaves: 'SSH takes the password as before' }),
  };
}

/** The node says of itself what it is now, so that `adopt` finds the same. */
function record({ installationRecord }: ReconfigurationRequest): SettingsInPlace {
  const input = async () => ({ path: INSTALLATION_RECORD, content: await installationRecord() });
  return { settings: [], actions: [{ action: 'write', input, afterLogin: true }] };
}

/** Whether SSH of the node takes passwords, as its image was made. */
function takesPasswords({ changes, image }: ReconfigurationRequest): boolean {
  const inputs = image.inputs ?? {};
  const stated = inputs['user.passwordAuthentication'];
  if (typeof stated === 'boolean') return stated;
  const keys = changeOf('user.sshKeys', changes)?.before ?? inputs['user.sshKeys'];
  return keys === undefined && inputs['user.password'] !== undefined;
}

/** Whether a password is to be the only way in. */
function asksForPasswords({ credentials }: ReconfigurationRequest): boolean {
  return (credentials?.sshKeys ?? []).length === 0;
}

function changeOf(name: string, changes: readonly SettingChange[]): SettingChange | undefined {
  return changes.find((change) => change.name === name);
}

/** All that may be on the node: what was there, and what was tried. */
function withTried({ before, tried }: SettingChange): readonly string[] {
  return [...new Set([...textsOf(before), ...tried.flatMap((value) => textsOf(value))])];
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((item) => typeof item === 'string');
}
