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
  const repair =
    'elif [ "$r" = 0 ] && grep -q "dpkg --configure -a" "$e"; then r=1; dpkg --force-confdef --force-confold --configure -a >&2 || exit;';
  return patiently(`${APT_GET} install --yes ${packages.join(' ')}`, repair);
}

/** What apt says on stderr decides whether it is tried again; it is shown when apt has ended. */
function patiently(aptGet: string, repair = ''): readonly string[] {
  const script = [
    // The words of this command, joined by blanks as messages show them, run as well when they are pasted into a shell.
    ':; export DEBIAN_FRONTEND=noninteractive; n=0; r=0; e=$(mktemp); trap \'rm -f "$e"\' EXIT; trap : HUP INT PIPE TERM;',
    `until ${aptGet} 2>"$e"; do s=$?;`,
    `if [ "$n" -lt ${TRIES} ] && grep -Eq "get lock .*(lists|archives)/lock" "$e"; then n=$((n + 1)); sleep ${PAUSE_SECONDS} || exit;`,
    repair,
    'else cat "$e" >&2; exit "$s"; fi; done; cat "$e" >&2',
  ];
  return ['sh', '-c', script.filter((part) => part !== '').join(' ')];
}
