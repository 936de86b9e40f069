import { createHash, generateKeyPair, X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type CertificateContent,
  type CertificateKeys,
  createEllipticKeys,
  derBoolean,
  derNull,
  derObjectIdentifier,
  derSequence,
  ECDSA_WITH_SHA256,
  extension,
  serverExtensions,
  signCertificate,
} from '@turingpi/foundation/certificate';

/** Key and certificate of a board, with the two digests by which a client recognises it. */
export interface BoardCertificate {
  /** PKCS#8 PEM. */
  readonly key: string;
  /** X.509 PEM. */
  readonly certificate: string;
  /** `sha256:` and the hex digest of the certificate's DER. */
  readonly fingerprint: string;
  /** `sha256:` and the hex digest of the public key's SubjectPublicKeyInfo DER. */
  readonly publicKeyPin: string;
}

// What a board shows: issued at some first start, valid 30 days, expired since
// (docs/reference/bmc-protocol.md, "Transport").
const NOT_BEFORE = new Date('2025-06-01T00:00:00Z');
const NOT_AFTER = new Date('2025-07-01T00:00:00Z');
const COMMON_NAME = 'Turing-Pi self signed';
const LEAST_BITS = 2048;

/**
 * Makes the self-signed certificate of a board: `CN=Turing-Pi self signed`, no SAN, expired by design.
 *
 * @param modulusLength - RSA size in bits; the real board has 4096, which takes seconds to generate.
 * @throws RangeError for less than 2048: OpenSSL as it comes with Node.js 24 serves no smaller key.
 */
export async function createBoardCertificate(modulusLength = LEAST_BITS): Promise<BoardCertificate> {
  if (modulusLength < LEAST_BITS)
    throw new RangeError(`a certificate of ${modulusLength} bits is not served: at least ${LEAST_BITS}`);
  const keys = await promisify(generateKeyPair)('rsa', { modulusLength });
  return selfSigned(keys, {
    commonName: COMMON_NAME,
    from: NOT_BEFORE,
    to: NOT_AFTER,
    algorithm: derSequence(derObjectIdentifier('1.2.840.113549.1.1.11'), derNull()), // sha256WithRSAEncryption
    // basicConstraints CA:TRUE, as `openssl req -x509` writes it
    extensions: [extension('2.5.29.19', derSequence(derBoolean(true)), true)],
  });
}

/** Makes a certificate as firmware v2.24.0 of the fork does: P-384, 825 days, with the names of the board. */
export async function createForkCertificate(
  names: readonly string[],
  addresses: readonly string[],
): Promise<BoardCertificate> {
  const keys = await createEllipticKeys();
  const from = new Date(Math.floor(Date.now() / 1000) * 1000);
  return selfSigned(keys, {
    commonName: 'Turing Pi BMC self-signed',
    from,
    to: new Date(from.getTime() + 825 * 86_400_000),
    algorithm: ECDSA_WITH_SHA256,
    extensions: serverExtensions(names, addresses),
  });
}

function selfSigned(keys: CertificateKeys, content: CertificateContent): BoardCertificate {
  const { key, certificate } = signCertificate(keys, content, {
    commonName: content.commonName,
    privateKey: keys.privateKey,
  });
  return describeCertificate(key, certificate);
}

/** Reads the certificate kept in `dir`, or makes one and keeps it there, so that a board stays the same board between runs. */
export async function loadBoardCertificate(
  dir: string,
  make: () => Promise<BoardCertificate> = createBoardCertificate,
): Promise<BoardCertificate> {
  const keyFile = join(dir, 'bmc-key.pem');
  const certificateFile = join(dir, 'bmc-certificate.pem');
  try {
    return describeCertificate(await readFile(keyFile, 'utf8'), await readFile(certificateFile, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
  const made = await make();
  await keepBoardCertificate(dir, made);
  return made;
}

/** Replaces what is kept in `dir`. */
export async function keepBoardCertificate(dir: string, made: BoardCertificate): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'bmc-key.pem'), made.key, { mode: 0o600 });
  await writeFile(join(dir, 'bmc-certificate.pem'), made.certificate);
}

/** The digests of a certificate, with its key. */
export function describeCertificate(key: string, certificate: string): BoardCertificate {
  const parsed = new X509Certificate(certificate);
  return {
    key,
    certificate,
    fingerprint: digest(parsed.raw),
    publicKeyPin: digest(parsed.publicKey.export({ type: 'spki', format: 'der' })),
  };
}

function digest(der: Buffer): string {
  return `sha256:${createHash('sha256').update(der).digest('hex')}`;
}
