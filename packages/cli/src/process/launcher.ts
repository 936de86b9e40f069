import { readFileSync } from 'node:fs';

const EVERY_MS = 500;

/**
 * Calls once when npx, which began this command in a shell, has ended or was killed: neither passes on the signal that
 * ended it. Without npx whoever began the command may end before it, as a script that leaves a simulated board behind.
 */
export function onLauncherEnd(listen: () => void): Disposable {
  if (!isOfNpx(process.env)) return { [Symbol.dispose]: () => undefined };
  const atFirst = launchers();
  const timer = setInterval(() => {
    if (launchers() === atFirst) return;
    clearInterval(timer);
    listen();
  }, EVERY_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Whether this very program is what npx began, and not one that is begun by another in there. */
function isOfNpx({
  npm_lifecycle_event: event,
  npm_lifecycle_script: script = '',
}: NodeJS.ProcessEnv): boolean {
  return event === 'npx' && /^['"]?turingpi\b/.test(script);
}

/** The ids of the shell and, where the system tells, of npx: orphans get another parent. */
function launchers(): string {
  const shell = process.ppid;
  return `${shell} ${parentOf(shell) ?? ''}`;
}

/** Linux alone tells it without another program. */
function parentOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).split(' ')[2];
  } catch {
    return undefined;
  }
}
