import { setTimeout as sleep } from 'node:timers/promises';
import { type Progress, TuringPiError } from '@turingpi/foundation';
import type { SshSession } from '@turingpi/runtime';
import type { FirstBoot } from '../first-boot/first-boot.js';
import { FIRST_BOOT_DONE, FIRST_BOOT_FAILED } from '../first-boot/first-boot-service.js';
import { LinuxError } from '../linux-error.js';

export interface FirstBootWait {
  readonly session: SshSession;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly progress: (progress: Progress) => void;
}

function failed(session: SshSession, what: string, output: string, log: string): LinuxError {
  return new LinuxError(
    'FIRST_BOOT_FAILED',
    [session.place, what, output.trim().split('\n').slice(-5).join(' | ')].filter(Boolean).join(': '),
    {
      hint: `Log in and look at ${log}.`,
    },
  );
}

async function waitForCloudInit({ session, signal, timeoutMs }: FirstBootWait): Promise<void> {
  const options = { signal, allowFailure: true } as const;
  const { exitCode, stdout, stderr } = await session.exec(['cloud-init', 'status', '--wait'], {
    ...options,
    timeoutMs,
  });
  // 2 means that it ended with recoverable complaints (since 23.4): the node is usable.
  if (exitCode === 0 || exitCode === 2) return;
  const detail = await session.exec(['cloud-init', 'status', '--long'], { ...options, timeoutMs: 60_000 });
  throw failed(
    session,
    'cloud-init reports an error',
    detail.stdout || stdout || stderr,
    '/var/log/cloud-init.log',
  );
}

async function waitForService({ session, signal, timeoutMs }: FirstBootWait): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { stdout } = await session.exec(
      `if test -e ${FIRST_BOOT_DONE}; then echo done; elif test -e ${FIRST_BOOT_FAILED}; then echo failed; fi`,
      { signal },
    );
    if (stdout.trim() === 'done') return;
    if (stdout.trim() === 'failed')
      throw failed(
        session,
        'the first-boot script failed',
        'see its journal',
        'journalctl -u turingpi-first-boot',
      );
    if (performance.now() > deadline)
      throw new LinuxError('BOOT_TIMEOUT', `${session.place}: the first-boot script did not end in time`, {
        hint: 'Installing packages may need longer: raise bootTimeoutMs. Look at journalctl -u turingpi-first-boot.',
      });
    await sleep(2_000, undefined, { signal });
  }
}

/** Systems whose first boot leaves no word: it is over when systemd has started everything. */
async function waitForSystem({ session, signal, timeoutMs }: FirstBootWait): Promise<void> {
  const { stdout } = await session.exec(['systemctl', 'is-system-running', '--wait'], {
    ...{ signal, timeoutMs },
    allowFailure: true, // a unit that failed makes the state `degraded`, and the node is usable all the same
  });
  const state = stdout.trim();
  if (state === 'maintenance' || state === 'stopping')
    throw failed(session, `the system is in the state ${state}`, '', 'systemctl --failed');
}

/**
 * Waits until the first boot's own work is over: cloud-init's, our first-boot service's, else that of all units.
 *
 * @throws LinuxError `FIRST_BOOT_FAILED`, `BOOT_TIMEOUT`
 */
export async function waitForFirstBoot(how: FirstBoot, wait: FirstBootWait): Promise<void> {
  const note = how === 'none' ? 'all units' : how;
  wait.progress({ activity: 'wait for first boot', limitMs: wait.timeoutMs, note });
  if (how === 'service') return waitForService(wait);
  try {
    await (how === 'none' ? waitForSystem(wait) : waitForCloudInit(wait));
  } catch (error) {
    if (TuringPiError.is(error) && error.code === 'COMMAND_TIMEOUT')
      throw new LinuxError(
        'BOOT_TIMEOUT',
        `${wait.session.place}: ${how === 'none' ? 'the boot' : 'cloud-init'} did not end in time`,
        {
          cause: error,
          hint: `Raise bootTimeoutMs, or look at ${how === 'none' ? 'systemctl list-jobs' : '/var/log/cloud-init-output.log'}.`,
        },
      );
    throw error;
  }
}
