import { generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import {
  derBits,
  derBoolean,
  derElement,
  derInteger,
  derObjectIdentifier,
  derOctets,
  derSequence,
  derSet,
  derUtcTime,
  derUtf8,
} from './der.js';

/** A certificate with the key that belongs to it. */
export interface SignedCertificate {
  /** PKCS#8 PEM. */
  readonly key: string;
  /** X.509 PEM. */
  readonly certificate: string;
}

/** A key pair as today's authorities make it: on the curve P-384. */
export function createEllipticKeys(): Promise<CertificateKeys> {
  return promisify(generateKeyPair)('ec', { namedCurve: 'P-384' });
}

export const ECDSA_WITH_SHA256 = derSequence(derObjectIdentifier('1.2.840.10045.4.3.2'));

/** What makes a certificate one of a server with these names and IPv4 addresses. */
export function serverExtensions(names: readonly string[], addresses: readonly string[]): readonly Buffer[] {
  const alternatives = [
    ...names.map((name) => derElement(0x82, Buffer.from(name, 'ascii'))),
    ...addresses
      .filter((address) => isIPv4(address))
      .map((address) => derElement(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  return [
    extension('2.5.29.19', derSequence(), true), // CA:FALSE
    extension('2.5.29.37', derSequence(derObjectIdentifier('1.3.6.1.5.5.7.3.1'))), // serverAuth
    extension('2.5.29.17', derSequence(...alternatives)),
  ];
}

/** An extension of a certificate, by its object identifier. */
export function extension(identifier: string, value: Buffer, critical = false): Buffer {
  return derSequence(
    derObjectIdentifier(identifier),
    ...(critical ? [derBoolean(true)] : []),
    derOctets(value),
  );
}

/** The two halves of a key. */
export interface CertificateKeys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** What a certificate says. */
export interface CertificateContent {
  readonly commonName: string;
  readonly from: Date;
  readonly to: Date;
  /** Of the signature. */
  readonly algorithm: Buffer;
  readonly extensions: readonly Buffer[];
}

/** Makes a certificate in the name of an issuer. */
export function signCertificate(
  keys: CertificateKeys,
  content: CertificateContent,
  issuer: { readonly commonName: string; readonly privateKey: KeyObject },
): SignedCertificate {
  const { commonName, from, to, algorithm, extensions } = content;
  const nameOf = (text: string) =>
    derSequence(derSet(derSequence(derObjectIdentifier('2.5.4.3'), derUtf8(text))));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, no leading zero byte
  const body = derSequence(
    derElement(0xa0, derInteger(Buffer.from([2]))),
    derInteger(serial),
    algorithm,
    nameOf(issuer.commonName),
    derSequence(derUtcTime(from), derUtcTime(to)),
    nameOf(commonName),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    derElement(0xa3, derSequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  const der = derSequence(body, algorithm, derBits(signature));
  const lines = der.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return {
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
