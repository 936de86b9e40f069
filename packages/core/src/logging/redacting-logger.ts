import type { Logger } from '@turingpi/foundation';
import { redactedFields } from './redact-error.js';
import type { Redactor } from './redactor.js';

/** A logger that blots every known secret out of what it passes on, errors and what is underneath them included. */
export function redactingLogger(logger: Logger, redactor: Redactor): Logger {
  const passOn = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) =>
    logger[level](redactedFields(fields, redactor), redactor.redact(message));
  return {
    debug: passOn('debug'),
    info: passOn('info'),
    warn: passOn('warn'),
    error: passOn('error'),
    child: (bindings) => redactingLogger(logger.child(redactedFields(bindings, redactor)), redactor),
  };
}
