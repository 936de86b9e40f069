import { loadCommand } from './bundle/load-command.js';

/** What a stream fails with when nobody reads it any more: a pipe that was closed, as by `head`; a terminal that is gone. */
const READER_IS_GONE: readonly (string | undefined)[] = [
  'EPIPE',
  'EIO',
  'ENXIO',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
];

/** Runs this process's command line and sets its exit code. */
export async function main(): Promise<void> {
  // Output that cannot be written must not end a run on the way: it has to clean up. Where it would have been read, as in a
  // file on a full disk, the exit code tells.
  let lost: NodeJS.ErrnoException | undefined;
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!READER_IS_GONE.includes(error.code)) lost ??= error;
    });

  const { runCli } = await loadCommand(process.argv.slice(2), process.cwd());
  const exitCode = await runCli(process.argv, {
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
  });
  process.once('beforeExit', () => {
    if (lost === undefined) return;
    process.stderr.write(`error: the output could not be written: ${lost.message}\n`);
    if (exitCode === 0) process.exitCode = 1;
  });
  process.exitCode = exitCode;
}
