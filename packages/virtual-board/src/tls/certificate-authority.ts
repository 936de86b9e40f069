import {
  type CertificateKeys,
  createEllipticKeys,
  derBoolean,
  derSequence,
  ECDSA_WITH_SHA256,
  extension,
  serverExtensions,
  signCertificate,
} from '@turingpi/foundation/certificate';
import { type BoardCertificate, describeCertificate } from './board-certificate.js';

const DAY_MS = 86_400_000;

/** An authority that issues certificates for boards, as a user's own does. */
export class CertificateAuthority {
  private constructor(
    /** PEM; what a client is given to trust. */
    readonly certificate: string,
    private readonly commonName: string,
    private readonly keys: CertificateKeys,
  ) {}

  static async create(commonName = 'Example Internal CA'): Promise<CertificateAuthority> {
    const keys = await createEllipticKeys();
    const content = {
      commonName,
      from: new Date(Date.now() - DAY_MS),
      to: new Date(Date.now() + 3650 * DAY_MS),
      algorithm: ECDSA_WITH_SHA256,
      extensions: [extension('2.5.29.19', derSequence(derBoolean(true)), true)], // CA:TRUE
    };
    const { certificate } = signCertificate(keys, content, { commonName, privateKey: keys.privateKey });
    return new CertificateAuthority(certificate, commonName, keys);
  }

  /**
   * A certificate with a key of its own for 90 days, as such authorities give.
   *
   * @param names - DNS names and IPv4 addresses of the board
   * @param days - from when to when it is valid, counted from now
   */
  async issue(
    names: readonly string[],
    { from = -1, to = 89 }: { readonly from?: number; readonly to?: number } = {},
  ): Promise<BoardCertificate> {
    const content = {
      commonName: names[0] ?? '',
      from: new Date(Date.now() + from * DAY_MS),
      to: new Date(Date.now() + to * DAY_MS),
      algorithm: ECDSA_WITH_SHA256,
      extensions: serverExtensions(
        names.filter((name) => !/^[0-9.]+$/.test(name)),
        names,
      ),
    };
    const { commonName, keys } = this;
    const issuer = { commonName, privateKey: keys.privateKey };
    const { key, certificate } = signCertificate(await createEllipticKeys(), content, issuer);
    return describeCertificate(key, certificate);
  }
}
