import { type DestinationStream, type Logger as PinoLogger, pino, stdSerializers } from 'pino';

export interface CreateLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where the lines go; pino's `destination()` makes one for a file. */
  readonly destination: DestinationStream;
}

const SECRET_KEYS = [
  'password',
  'initialUserPassword',
  'passphrase',
  'privateKey',
  'token',
  'secret',
  'authorization',
  'Authorization',
  'cookie',
];
/** How deep below a line's fields a secret's name is recognised; pino's patterns have no "any depth". */
const REDACTED_DEPTH = 4;

/** Makes a pino logger that writes JSON lines, with secrets redacted by name and whole error chains. */
export function createLogger(options: CreateLoggerOptions): PinoLogger {
  return pino(
    {
      level: options.level,
      base: { pid: process.pid },
      redact: {
        paths: SECRET_KEYS.flatMap((key) =>
          Array.from({ length: REDACTED_DEPTH }, (_, depth) => `${'*.'.repeat(depth)}${key}`),
        ),
        censor: '[secret]',
      },
      serializers: { err: stdSerializers.errWithCause },
    },
    options.destination,
  );
}
