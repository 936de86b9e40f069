import { RuntimeError } from '../runtime-error.js';

/** Where the processes of a remote command are found: a shell of it, and the session that this shell is in. */
export interface ProcessOrigin {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

/** Reads a line of `/proc/PID/stat` (proc_pid_stat(5)); undefined when it is none. */
export function parseProcessStat(line: string | undefined): ProcessOrigin | undefined {
  // The name in parentheses may hold anything, also parentheses and blanks.
  const [, pid, parent, session] = /^(\d+) \(.*\) [A-Za-z] (\d+) \d+ (\d+) /s.exec(`${line ?? ''} `) ?? [];
  if (pid === undefined) return undefined;
  return { pid: Number(pid), parent: Number(parent), session: Number(session) };
}

/**
 * Ends processes and waits until they are gone: `sh` text whose arguments are `pid:session` of shells, and numbers of
 * whole sessions; `gone` or what is left is printed.
 *
 * @remarks What belongs to a command: its shells, their descendants, and whatever else is in the session that sshd made
 * for it. A number alone proves nothing, as it may have been given to another process meanwhile, so a shell counts
 * only while it is in its session. TERM first, so that a package manager may end in order; after two seconds KILL.
 * The list of processes is read by the shell itself: `pkill` and `ps` are not everywhere.
 */
export const END_PROCESSES = [
  'set -f; roots=" $* "; ours=" "; tries=0;',
  'while :; do',
  'table=; set +f;',
  'for f in /proc/[0-9]*/stat; do',
  '{ IFS= read -r line <"$f"; } 2>/dev/null || continue;',
  'pid=${f#/proc/}; pid=${pid%/stat}; set -f; set -- ${line##*) }; set +f;',
  'case $1 in Z|X|x) continue;; esac;',
  'table="$table $pid:$2:$4";',
  'done; set -f;',
  'grown=1; while [ $grown = 1 ]; do grown=0;',
  'for entry in $table; do',
  'pid=${entry%%:*}; session=${entry##*:}; parent=${entry#*:}; parent=${parent%%:*};',
  'case $ours in *" $pid "*) continue;; esac;',
  'case $roots in *" $pid:$session "*|*" $session "*) ours="$ours$pid "; grown=1; continue;; esac;',
  'case $ours in *" $parent "*) ours="$ours$pid "; grown=1;; esac;',
  'done; done;',
  'left=; for entry in $table; do pid=${entry%%:*}; case $ours in *" $pid "*) left="$left $pid";; esac; done;',
  '[ -n "$left" ] || { echo gone; exit 0; };',
  '[ $tries -lt 30 ] || { echo "left:$left"; exit 0; };',
  'signal=; [ $tries != 0 ] || signal=TERM; [ $tries -lt 10 ] || signal=KILL;',
  '[ -z "$signal" ] || kill -s $signal $left 2>/dev/null;',
  'tries=$((tries + 1)); sleep 0.2 2>/dev/null || sleep 1;',
  'done',
].join(' ');

/** The arguments of {@link END_PROCESSES} for a command of which the login shell's, and with sudo root's, shell is known. */
export function processRoots(outer: ProcessOrigin, inner: ProcessOrigin | undefined): readonly string[] {
  const shells = inner === undefined ? [outer] : [outer, inner];
  const roots = shells.map(({ pid, session }) => `${pid}:${session}`);
  // A server that makes no session for a command would be ended with it: the leader must be one of the command's.
  const ownSession = outer.session === outer.pid || outer.session === outer.parent;
  if (ownSession) roots.push(String(outer.session));
  // sudo with a terminal of its own makes another session, which is then certainly below ours.
  if (inner !== undefined && inner.session !== outer.session) roots.push(String(inner.session));
  return roots;
}

/** The error for a command that was to be ended, and may still run. */
export function stillRunning(command: string, place: string, why: string, cause: unknown): RuntimeError {
  return new RuntimeError(
    'COMMAND_STILL_RUNNING',
    `"${command}" on ${place} was to be stopped and may still be running: ${why}`,
    { cause, details: { command, place } },
  );
}
