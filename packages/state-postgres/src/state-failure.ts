import { docsPage, StateError, TuringPiError } from '@turingpi/core/plugin';
import { isConnectionFailure } from './connection-failure.js';

/** SQLSTATE of a login that is refused: class 28, and a database that is not there. */
const LOGIN = /^(?:28...|3D000)$/;
/** SQLSTATE of a server that stands by, or is set to read only. */
const READ_ONLY = '25006';
/** A certificate that is not trusted: OpenSSL's and Node's codes. */
const CERTIFICATE = /CERT|SIGNATURE|ERR_TLS|ERR_SSL/;

/**
 * What went wrong with the database, for people. The message is the server's: it holds no password.
 *
 * @param location - the database, for messages
 */
export function stateFailure(error: unknown, location: string): unknown {
  if (TuringPiError.is(error) || !(error instanceof Error)) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const why = error.message === '' ? code : error.message; // of several addresses there is a code alone
  if (CERTIFICATE.test(code) || error.message.startsWith('The server does not support SSL'))
    return unreachable(location, why, error, CERTIFICATE_HINT);
  if (code === READ_ONLY) return unreachable(location, why, error, 'Give the address of the primary server.');
  if (isConnectionFailure(error)) return unreachable(location, why, error, 'See that the server runs.');
  if (LOGIN.test(code)) return unreachable(location, why, error, 'Check user, password and database.');
  if (!/^[0-9A-Z]{5}$/.test(code)) return error; // none of the server: a mistake of ours
  return new StateError('STATE_WRITE_FAILED', `the state in ${location} cannot be written: ${why}`, {
    cause: error,
    hint: 'Check the rights of the role and the space of the server.',
  });
}

const CERTIFICATE_HINT = `Give the authority of the certificate as \`certificateAuthority\`; the server must have TLS (${docsPage('postgres')}).`;

function unreachable(location: string, why: string, cause: Error, hint: string): StateError {
  return new StateError('STATE_UNREACHABLE', `the state in ${location} cannot be reached: ${why}`, {
    cause,
    hint,
  });
}
