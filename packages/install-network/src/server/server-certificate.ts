import { createHash } from 'node:crypto';
import {
  createEllipticKeys,
  ECDSA_WITH_SHA256,
  serverExtensions,
  signCertificate,
  type SignedCertificate,
} from '@turingpi/foundation/certificate';

const DAY_MS = 86_400_000;

/** A certificate for one run, and how a node recognises its key. */
export interface ServerCertificate extends SignedCertificate {
  /** SHA-256 of the public key (SubjectPublicKeyInfo), base64: `pinnedpubkey` of curl. */
  readonly publicKeyPin: string;
}

/** Makes a key that is kept in memory alone, and a certificate of it. */
export async function makeServerCertificate(): Promise<ServerCertificate> {
  const keys = await createEllipticKeys();
  const commonName = 'turingpi image server';
  const content = {
    commonName,
    from: new Date(Date.now() - DAY_MS),
    to: new Date(Date.now() + 7 * DAY_MS),
    algorithm: ECDSA_WITH_SHA256,
    extensions: serverExtensions([], []),
  };
  const signed = signCertificate(keys, content, { commonName, privateKey: keys.privateKey });
  const der = keys.publicKey.export({ type: 'spki', format: 'der' });
  return { ...signed, publicKeyPin: createHash('sha256').update(der).digest('base64') };
}
