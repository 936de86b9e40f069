import { X509Certificate } from 'node:crypto';
import type { BoardRoutes } from '../board/board-routes.js';
import type { IncomingRequest } from '../http/incoming-request.js';
import { envelope, jsonReply, type Outcome } from '../http/reply.js';
import { changePassword, describeAccess } from './access.js';

/**
 * Answers the paths that only the fork has; undefined for all others (docs/reference/bmc-protocol.md,
 * "Fork: identity", "Fork: factory password" and "Fork: certificate").
 */
export async function answerForkPath(
  routes: BoardRoutes,
  request: IncomingRequest,
  path: string,
): Promise<Outcome | undefined> {
  const { fork, daemonVersion } = routes.api.profile;
  if (!fork) return undefined;
  const asked = `${request.method} ${path}`;
  if (asked === 'GET /openapi.json')
    return jsonReply({ openapi: '3.1.0', info: { title: 'bmcd', version: daemonVersion }, paths: {} });
  if (!fork.accessAndTls) return undefined;
  switch (asked) {
    case 'GET /access':
      return describeAccess(routes.authenticator, request.header('authorization'));
    case 'POST /access/password':
      return changePassword(routes.authenticator, request.header('content-type'), await request.readBytes());
    case 'GET /tls/certificate':
      return jsonReply(describeCertificate(routes));
    case 'DELETE /tls/certificate': {
      if (describeCertificate(routes).source === 'self-signed')
        return envelope('the board already uses its own certificate', 400);
      await routes.certificate.reissue();
      return jsonReply(describeCertificate(routes));
    }
    default:
      return undefined;
  }
}

function describeCertificate(routes: BoardRoutes) {
  const parsed = new X509Certificate(routes.certificate.current().certificate);
  const oneLine = (name: string): string => name.replaceAll('\n', ', ');
  return {
    subject: oneLine(parsed.subject),
    issuer: oneLine(parsed.issuer),
    not_before: parsed.validFrom,
    not_after: parsed.validTo,
    fingerprint: parsed.fingerprint256,
    key: parsed.publicKey.asymmetricKeyType === 'ec' ? 'ecdsa-p384' : 'rsa',
    // By the issuer alone, so that a certificate of the vendor's firmware counts as installed.
    source: parsed.issuer === 'CN=Turing Pi BMC self-signed' ? 'self-signed' : 'installed',
    names: (parsed.subjectAltName ?? '')
      .split(', ')
      .filter((name) => name !== '')
      .map((name) => name.replace(/^(DNS|IP Address):/, '')),
    chain_length: 0,
  };
}
