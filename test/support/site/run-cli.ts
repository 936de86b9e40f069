import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { execa } from 'execa';

/** The built command; `npm run build` comes before these tests. */
export const CLI = path.resolve(import.meta.dirname, '../../../packages/cli/bin/turingpi.js');

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built `turingpi` to its end, without a terminal and without the user's TPI_* variables. */
export async function runCli(
  parameters: readonly string[],
  {
    input,
    ...options
  }: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** What standard input has; none by default. */
    readonly input?: Uint8Array;
  } = {},
): Promise<CliResult> {
  const result = await execa(process.execPath, [CLI, ...parameters], {
    ...cliOptions(options),
    ...(input !== undefined && { stdin: 'pipe', input }),
    reject: false,
  });
  return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
}

/** Starts the built `turingpi` as a process that goes on; its standard error is the test's, unless somebody asks for it. */
export function startCli(
  parameters: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly stderr?: 'inherit' | 'pipe';
    /** Name of the computer that it believes to run on. Needs `unshare`. */
    readonly host?: string | undefined;
  } = {},
): ChildProcess {
  const { cwd, env } = cliOptions(options);
  const { host, stderr = 'inherit' } = options;
  const [program = '', ...words] = [...onHost(host), process.execPath, CLI, ...parameters];
  return spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', stderr] });
}

/** A namespace that has only the host name of its own; the process is the one that was started, for signals. */
function onHost(host: string | undefined): readonly string[] {
  if (host === undefined) return [];
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return ['unshare', ...asRoot, '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', host];
}

/** The JSON lines that `--json` prints. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function cliOptions(options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> }) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TPI_')));
  return {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...clean, ...options.env },
    extendEnv: false,
    stdin: 'ignore',
  } as const;
}
