import { execa } from 'execa';

/** Runs something and returns its result and wall time in seconds. */
export async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly seconds: number }> {
  const start = process.hrtime.bigint();
  const result = await work();
  return { result, seconds: Number(process.hrtime.bigint() - start) / 1e9 };
}

/** Runs a program and returns its wall time in seconds; fails as the program fails. */
export async function timeProgram(
  program: string,
  parameters: readonly string[],
  options: { readonly stdoutFile?: string; readonly quiet?: boolean } = {},
): Promise<number> {
  const { seconds } = await timed(() =>
    execa(program, parameters, {
      stdin: 'ignore',
      stderr: options.quiet === true ? 'ignore' : 'inherit',
      buffer: false, // what it writes goes to the file, not through this process's memory
      stdout: options.stdoutFile === undefined ? 'ignore' : { file: options.stdoutFile },
    }),
  );
  return seconds;
}

/** Runs a program to its end, its output thrown away. @returns the CPU time that it took, in seconds. Needs bash. */
export async function cpuTimeOf(program: string, parameters: readonly string[]): Promise<number> {
  const script = 'TIMEFORMAT="%U %S"; time "$@" > /dev/null 2>&1';
  const { stderr } = await execa('bash', ['-c', script, 'bash', program, ...parameters], { stdin: 'ignore' });
  return stderr.split(' ').reduce((sum, seconds) => sum + Number(seconds), 0);
}
