import { RunError } from '../errors/run-error.js';
import { NotOurFile } from './run-files.js';

/** The error of a run that is not on file. @param prefix - what was asked for; empty for the newest */
export function notFound(prefix: string, directory: string): RunError {
  const what = prefix === '' ? 'there is no run' : `there is no run ${prefix}`;
  return new RunError('RUN_NOT_FOUND', `${what} in ${directory}`, {
    hint: '`turingpi run list` shows which there are; -c or --cache-dir says where.',
  });
}

/** The error of a run, or of a directory of runs, that cannot be read or written. */
export function unreadable(message: string, cause: unknown): RunError {
  const why = cause instanceof NotOurFile ? `: ${cause.message}` : '';
  return new RunError('RUN_UNREADABLE', `${message}${why}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Runs are read from files of yours alone, mode 0600, in a directory with mode 0700. `turingpi run prune` removes damaged ones.',
  });
}
