import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { renderCurlConfig } from '../installer-image/installer-settings.js';
import { INSTALL_SCRIPT } from './install-script.js';

/** What a node's shell is told in a test. */
export interface NodeRun {
  /** The shell and its arguments, for example `busybox ash`. */
  readonly shell: readonly string[];
  readonly directory: string;
  readonly port: number;
  readonly publicKeyPin: string;
  readonly token: string;
  readonly diskBytes: number;
  /** File that stands for an NVMe, which is written then. */
  readonly nvme?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** How the installer's shell ended. */
export interface NodeEnd {
  readonly exitCode: number | undefined;
  readonly console: string;
  /** The file that stands for the node's disk. */
  readonly disk: string;
}

/** Runs the installer's own script as a node would, on a sparse file with the installer's mark instead of a disk. */
export async function runInstaller(run: NodeRun): Promise<NodeEnd> {
  const { directory, port, publicKeyPin, token, diskBytes } = run;
  await mkdir(directory, { recursive: true });
  const disk = join(directory, 'disk');
  const mark = randomBytes(16);
  const file = await open(disk, 'w+');
  await file.truncate(diskBytes);
  await file.write(mark, 0, 16, 568);
  await file.write('boot loader', 64 * 512);
  await file.close();
  const script = join(directory, 'install.sh');
  const curlrc = join(directory, 'curlrc');
  await writeFile(script, INSTALL_SCRIPT);
  await writeFile(curlrc, renderCurlConfig({ publicKeyPin, token }), { mode: 0o600 });
  const [program = 'sh', ...first] = run.shell;
  const { exitCode, stdout } = await execa(program, [...first, script], {
    reject: false,
    extendEnv: false,
    stderr: 'inherit',
    ...(run.signal && { cancelSignal: run.signal }),
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      TP_URL: `https://127.0.0.1:${port}`,
      TP_CURLRC: curlrc,
      TP_WORK: join(directory, 'work'),
      TP_DISK: run.nvme ?? disk,
      ...(run.nvme !== undefined && { TP_BOOT_DISK: disk, TP_BOOT_BYTES: String(diskBytes) }),
      TP_DISK_BYTES: String(diskBytes),
      TP_WORKERS: '3',
      TP_MARK_OFFSET: '568',
      TP_MARK_BYTES: '16',
      TP_MARK_DIGEST: createHash('sha256').update(mark).digest('hex'),
      TP_TRIES: '5',
      TP_PAUSE: '0.1',
      TP_ATTEMPTS: '1',
      ...run.variables,
    },
  });
  return { exitCode, console: stdout, disk };
}
