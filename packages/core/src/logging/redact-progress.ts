import type { Progress } from '@turingpi/foundation';
import type { Redactor } from './redactor.js';

/** The same progress without secrets: its note may be a line that a node printed, or a command. */
export function redactProgress(progress: Progress, redactor: Redactor): Progress {
  const { note } = progress;
  return note === undefined ? progress : { ...progress, note: redactor.redact(note) };
}
