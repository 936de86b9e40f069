import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlashedInstaller } from './flashed-installer.js';

/** The node that an installer runs on. */
export interface InstallerHost {
  readonly emmcPath: string;
  readonly emmcSizeBytes: number;
  readonly onConsole: (text: string) => void;
  /** Cuts the power. */
  readonly power: AbortSignal;
}

/**
 * Runs an installer's script with this computer's own `sh`, on the file that is the node's eMMC.
 *
 * @remarks A simulation: no kernel and no initrd are started, and the programs are this computer's. The script itself, the
 * protocol and what is written are the real ones.
 * @returns Whether it succeeded.
 */
export async function runInstaller(installer: FlashedInstaller, host: InstallerHost): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'turingpi-installer-'));
  try {
    const script = join(directory, 'install.sh');
    const curlrc = join(directory, 'curlrc');
    await writeFile(script, installer.script);
    await writeFile(curlrc, curlConfig(installer), { mode: 0o600 });
    const child = spawn('sh', [script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        ...installer.settings,
        TP_CURLRC: curlrc,
        TP_WORK: join(directory, 'work'),
        TP_DISK: host.emmcPath,
        TP_DISK_BYTES: String(host.emmcSizeBytes),
        TP_TRIES: '20',
        TP_ATTEMPTS: '2',
        TP_PAUSE: '0.1',
      },
      detached: true, // a group of its own, which ends together
    });
    const cut = (): void => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    host.power.addEventListener('abort', cut, { once: true });
    for (const output of [child.stdout, child.stderr])
      output.setEncoding('utf8').on('data', (text: string) => host.onConsole(text.replaceAll('\n', '\r\n')));
    if (host.power.aborted) cut();
    const [code] = (await once(child, 'close')) as [number | null];
    host.power.removeEventListener('abort', cut);
    return code === 0;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function curlConfig({ publicKeyPin, token }: FlashedInstaller): string {
  return [
    'insecure',
    `pinnedpubkey = "sha256//${publicKeyPin}"`,
    `header = "Authorization: Bearer ${token}"`,
    'proto = "=https"',
    'noproxy = "*"',
    'silent',
    'show-error',
    'fail',
    'connect-timeout = 5',
    '',
  ].join('\n');
}
