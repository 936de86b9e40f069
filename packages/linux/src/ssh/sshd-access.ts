import type { SshdCriterion, SshdSetting } from './sshd-config.js';
import { isInPatternList, patternOf } from './ssh-pattern.js';

/** How somebody is to get in, by what was asked for. */
export interface SshLogin {
  readonly username: string;
  /** Names of the user's groups, its own one first. */
  readonly groups: readonly string[];
  readonly home: string;
  /** Types of the keys that are to let in, for example `ssh-ed25519`. */
  readonly keyTypes: readonly string[];
  /** Whether the account has a locked password, as one has that only keys let in. */
  readonly passwordLocked: boolean;
  /** Whether passwords let in; undefined when nothing was asked. */
  readonly passwordAuthentication: boolean | undefined;
}

/** A setting of the image that keeps out whom the image is made for. */
export interface SshdContradiction {
  readonly setting: SshdSetting;
  /** What would win over it when sshd reads it earlier; undefined where nothing can. */
  readonly remedy: string | undefined;
  /** False when it depends on where a login comes from. */
  readonly certain: boolean;
}

type Verdict = 'yes' | 'no' | 'maybe';

/** The settings that hold for a login: those of the matching `Match` blocks win over the general ones. */
class View {
  constructor(private readonly settings: readonly SshdSetting[]) {}

  /** Every line of a keyword that adds to a list. */
  all(keyword: string): SshdSetting[] {
    const own = this.settings.filter((setting) => setting.keyword === keyword);
    const matched = own.filter(({ match }) => match !== undefined);
    return matched.length > 0 ? matched : own;
  }

  /** The one line of a keyword that counts. */
  first(keyword: string): SshdSetting | undefined {
    return this.all(keyword)[0];
  }
}

/**
 * Finds what in an SSH server's configuration contradicts a login that was asked for.
 *
 * @remarks `Match` blocks by address or port are looked at as if they held, and what they say is not certain. Source:
 * sshd_config(5), and servconf.c for how lists of `Match` blocks replace the general ones; checked against `sshd -T`.
 */
export function findSshdContradictions(
  settings: readonly SshdSetting[],
  login: SshLogin,
): SshdContradiction[] {
  const verdicts = settings.map((setting) => ({ setting, verdict: verdictOf(setting.match, login) }));
  const pick = (wanted: readonly Verdict[]): View =>
    new View(verdicts.filter(({ verdict }) => wanted.includes(verdict)).map(({ setting }) => setting));
  const certain = contradictionsOf(pick(['yes']), login);
  const known = new Set(certain.map(({ setting }) => setting));
  const possible = contradictionsOf(pick(['yes', 'maybe']), login).filter(
    ({ setting }) => !known.has(setting),
  );
  return [
    ...certain.map((found) => ({ ...found, certain: true })),
    ...possible.map((found) => ({ ...found, certain: false })),
  ];
}

function verdictOf(match: readonly SshdCriterion[] | undefined, { username, groups }: SshLogin): Verdict {
  const verdicts = (match ?? []).map(({ kind, patterns }): Verdict => {
    if (kind === 'all') return 'yes';
    if (kind === 'invalid-user') return 'no';
    if (kind === 'user') return isInPatternList(username, patterns) ? 'yes' : 'no';
    if (kind === 'group') return groups.some((group) => isInPatternList(group, patterns)) ? 'yes' : 'no';
    return 'maybe';
  });
  return verdicts.includes('no') ? 'no' : verdicts.includes('maybe') ? 'maybe' : 'yes';
}

type Found = Omit<SshdContradiction, 'certain'>;

function contradictionsOf(view: View, login: SshLogin): Found[] {
  return [...whoGetsIn(view, login), ...howOneGetsIn(view, login), ...whatOneMayDo(view)];
}

function whoGetsIn(view: View, { username, groups }: SshLogin): Found[] {
  const found: Found[] = [];
  // A pattern with a host is taken as fitting: whoever wrote it wants this user in, from there.
  const names = (setting: SshdSetting): boolean =>
    setting.values.some((value) => patternOf(value.replace(/@.*$/, '')).test(username));
  const groupsIn = (setting: SshdSetting): boolean =>
    setting.values.some((list) => groups.some((group) => isInPatternList(group, list)));
  const [allowUsers, allowGroups] = [view.all('allowusers'), view.all('allowgroups')];
  if (allowUsers[0] && !allowUsers.some(names))
    found.push({ setting: allowUsers[0], remedy: `AllowUsers ${username}` });
  if (allowGroups[0] && !allowGroups.some(groupsIn))
    found.push({ setting: allowGroups[0], remedy: groups[0] && `AllowGroups ${groups[0]}` });
  const denied = [...view.all('denyusers').filter(names), ...view.all('denygroups').filter(groupsIn)];
  found.push(...denied.map((setting) => ({ setting, remedy: undefined }))); // looked at before what is allowed
  const root = username === 'root' ? view.first('permitrootlogin') : undefined;
  if (root && /^(no|forced-commands-only)$/.test(root.values[0] ?? ''))
    found.push({ setting: root, remedy: 'PermitRootLogin prohibit-password' });
  return found;
}

function howOneGetsIn(view: View, login: SshLogin): Found[] {
  const { passwordAuthentication: password, keyTypes } = login;
  const found: Found[] = [];
  const contradict = (keyword: string, remedy: string, wrong: (value: string) => boolean): void => {
    const setting = view.first(keyword.toLowerCase());
    if (setting && wrong(setting.values[0] ?? '')) found.push({ setting, remedy });
  };
  if (password === true)
    contradict('PasswordAuthentication', 'PasswordAuthentication yes', (value) => value === 'no');
  if (password === true && login.username === 'root')
    contradict('PermitRootLogin', 'PermitRootLogin yes', (value) => value.endsWith('password'));
  if (password === false)
    for (const keyword of ['PasswordAuthentication', 'KbdInteractiveAuthentication'])
      contradict(keyword, `${keyword} no`, (value) => value === 'yes');
  if (keyTypes.length > 0) {
    contradict('PubkeyAuthentication', 'PubkeyAuthentication yes', (value) => value === 'no');
    // Without PAM, sshd takes a locked password for a locked account (auth.c), and lets no key in either.
    if (login.passwordLocked) contradict('UsePAM', 'UsePAM yes', (value) => value === 'no');
    const places = view.first('authorizedkeysfile');
    if (places && !places.values.some((place) => isOwnFile(place, login))) {
      const others = places.values.filter((place) => place !== 'none').map((place) => ` ${place}`);
      found.push({ setting: places, remedy: `AuthorizedKeysFile .ssh/authorized_keys${others.join('')}` });
    }
    const accepted = view.first('pubkeyacceptedalgorithms');
    const missing = accepted ? refusedAlgorithms(accepted.values[0] ?? '', keyTypes) : [];
    if (accepted && missing.length > 0) {
      const list = [accepted.values[0], ...missing].join(',');
      found.push({ setting: accepted, remedy: `PubkeyAcceptedAlgorithms ${list}` });
    }
  }
  const methods = view.first('authenticationmethods');
  // Not `any`: sshd does not start when it reads that word after another one.
  const ways = [...(keyTypes.length > 0 ? ['publickey'] : []), ...(password === true ? ['password'] : [])];
  if (
    methods &&
    ways.length > 0 &&
    !methods.values.some((list) => list === 'any' || isSatisfied(list, login))
  )
    found.push({ setting: methods, remedy: ['AuthenticationMethods', ...ways].join(' ') });
  return found;
}

function whatOneMayDo(view: View): Found[] {
  const [sessions, forced, jail] = ['maxsessions', 'forcecommand', 'chrootdirectory'].map((keyword) =>
    view.first(keyword),
  );
  const found: Found[] = [];
  if (sessions?.values[0] === '0') found.push({ setting: sessions, remedy: 'MaxSessions 10' });
  // Whoever limits a login to one command or directory means it: nothing of ours is laid over that.
  for (const setting of [forced, jail])
    if (setting && setting.values[0] !== 'none') found.push({ setting, remedy: undefined });
  return found;
}

function isOwnFile(place: string, { username, home }: SshLogin): boolean {
  const path = place
    .replaceAll('%%', '\0')
    .replaceAll('%h', home)
    .replaceAll('%u', username)
    .replaceAll('\0', '%');
  return (path.startsWith('/') ? path : `${home}/${path}`) === `${home}/.ssh/authorized_keys`;
}

/** Algorithms of those keys that a plain list leaves out; lists that change the default (`+`, `-`, `^`) are no limit to us. */
function refusedAlgorithms(list: string, keyTypes: readonly string[]): string[] {
  if (/^[+^-]/.test(list)) return [];
  return [...new Set(keyTypes)].flatMap((type) => {
    const algorithms = type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type];
    return algorithms.some((algorithm) => isInPatternList(algorithm, list)) ? [] : algorithms;
  });
}

/** Whether one of the ways that were asked for goes through all methods of a list. */
function isSatisfied(list: string, { keyTypes, passwordAuthentication }: SshLogin): boolean {
  return list.split(',').every((method) => {
    if (method === 'publickey') return keyTypes.length > 0;
    return /^(password|keyboard-interactive(:.*)?)$/.test(method) && passwordAuthentication === true;
  });
}
