/** apt-get that never asks, waits for another dpkg, keeps configuration files as they are, and complains in English. */
const APT_GET = [
  'LC_ALL=C.UTF-8 apt-get',
  '-o DPkg::Lock::Timeout=300',
  '-o Dpkg::Options::=--force-confdef',
  '-o Dpkg::Options::=--force-confold',
].join(' ');

// Five minutes, as apt itself is given for dpkg's lock.
const TRIES = 60;
const PAUSE_SECONDS = 5;

/**
 * A command that brings apt's lists up to date, waiting for another apt (a first boot's `apt-daily`) that does the same.
 *
 * @remarks `DPkg::Lock::Timeout` is for dpkg's locks only: where `lists/lock` or `archives/lock` is held, apt of
 * Debian 12 and Ubuntu 24.04 fails at once. So the command itself tries again.
 */
export function aptUpdate(): readonly string[] {
  return patiently(`${APT_GET} update`);
}

/**
 * A command that installs packages, waiting as {@link aptUpdate} does.
 *
 * @remarks Where an earlier run was ended in the middle, dpkg first has to finish what it had begun.
 * @param packages - Names that a shell reads as they are; see `checkPackageName`.
 */
export function aptInstall(packages: readonly string[]): readonly string[] {
  return patiently(`${APT_GET} install --yes ${packages.join(' ')}`, REPAIR);
}

const REPAIR =
  'elif [ "$r" = 0 ] && grep -q "dpkg --configure -a" "$e"; then r=1; dpkg --force-confdef --force-confold --configure -a >&2 || exit;';

/** A command that removes packages. @param purge - their configuration files, too */
export function aptRemove(packages: readonly string[], purge: boolean): readonly string[] {
  return patiently(`${APT_GET} ${purge ? 'purge' : 'remove'} --yes ${packages.join(' ')}`, REPAIR);
}

/** A command that upgrades all packages. @param full - also where others must be removed for it */
export function aptUpgrade(full: boolean): readonly string[] {
  return patiently(`${APT_GET} ${full ? 'full-upgrade' : 'upgrade'} --yes`, REPAIR);
}

/** A command that says what {@link aptUpgrade} would do, in lines that begin with `Inst` and `Remv`. */
export function aptSimulatedUpgrade(full: boolean): readonly string[] {
  const verb = full ? 'full-upgrade' : 'upgrade';
  return ['apt-get', '--simulate', '-o', 'Debug::NoLocking=true', verb];
}

/** How commands of apt are run: they may take half an hour, and of what they say only the end is of use. */
export const APT_LIMITS = { sudo: true, timeoutMs: 1_800_000, maxOutputBytes: 1024 * 1024 } as const;

/** Whether apt has done anything, by the sum that it prints; true where it prints none. */
export function hasChanged(output: string): boolean {
  const sum = /^\d+ upgraded, \d+ newly installed, .*\d+ to remove/m.exec(output)?.[0];
  return sum === undefined || (sum.match(/\d+/g) ?? []).some((count) => Number(count) > 0);
}

/** What apt says on stderr decides whether it is tried again; it is shown when apt has ended. */
function patiently(aptGet: string, repair = ''): readonly string[] {
  const script = [
    // The words of this command, joined by blanks as messages show them, run as well when they are pasted into a shell.
    ':; export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a; n=0; r=0; e=$(mktemp); trap \'rm -f "$e"\' EXIT; trap : HUP INT PIPE TERM;',
    `until ${aptGet} 2>"$e"; do s=$?;`,
    `if [ "$n" -lt ${TRIES} ] && grep -Eq "get lock .*(lists|archives)/lock" "$e"; then n=$((n + 1)); sleep ${PAUSE_SECONDS} || exit;`,
    repair,
    'else cat "$e" >&2; exit "$s"; fi; done; cat "$e" >&2',
  ];
  return ['sh', '-c', script.filter((part) => part !== '').join(' ')];
}
