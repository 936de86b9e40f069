import { createHash, type X509Certificate } from 'node:crypto';

/** Who a BMC says it is: two digests, each `sha256:` and 64 hex digits. */
export interface BoardIdentity {
  /** Of the whole certificate. */
  readonly certificateFingerprint: string;
  /** Of the public key (SPKI); it stays the same when the certificate is renewed with the same key. */
  readonly publicKeyPin: string;
  /** What the certificate says, for people: boards make it before their clock is right, so it proves nothing. */
  readonly validity?: { readonly from: Date; readonly to: Date };
}

/** The identity in a certificate. */
export function identityOf(certificate: X509Certificate): BoardIdentity {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return {
    certificateFingerprint: digest(certificate.raw),
    publicKeyPin: digest(spki),
    validity: { from: new Date(certificate.validFrom), to: new Date(certificate.validTo) },
  };
}

/**
 * Brings a digest as people write it (upper case, colons, no prefix), or `openssl x509 -fingerprint` prints it, into our form.
 */
export function normalizeDigest(text: string): string {
  const hex = text
    .trim()
    .replace(/^sha-?256(?: fingerprint=|[:/])/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  return `sha256:${hex}`;
}

function digest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
