/** What pg says without a code when a connection is gone, or does not come about. */
const MESSAGES =
  /^(?:Connection terminated|Query read timeout|timeout exceeded|timeout expired|Client (?:was closed|has encountered a connection error)|Client has already been|The server does not support SSL)/;
const SYSTEM_CODES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // the socket is not there while the server starts
  'EAI_AGAIN',
  'ENOTFOUND',
]);
/**
 * SQLSTATE: class 08 (connection), shutdown and start of the server, too many connections, a session that was ended; a server
 * that stands by until it takes over; what the server gave up so that others could go on, and says to try again.
 */
const SQL_STATES = /^(?:08...|57P0[1-5]|57014|53300|25P0[34]|25006|40001|40P01|55P03)$/;

/** Whether a statement failed because the server could not be asked, or ended the session: asked again, it may answer. */
export function isConnectionFailure(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return SYSTEM_CODES.has(code) || SQL_STATES.test(code ?? '') || MESSAGES.test(error.message);
}
