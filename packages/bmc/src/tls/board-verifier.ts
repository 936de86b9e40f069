import { checkServerIdentity, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { BmcError } from '../errors/bmc-error.js';
import { neighbourMac } from '../identity/neighbour-mac.js';
import { type BoardIdentity, identityOf, normalizeDigest } from './board-identity.js';
import type { TrustStore } from './trust-store.js';

/** What the configuration says about the board's certificate; whatever is given must match. */
export interface ConfiguredPins {
  readonly certificateFingerprint?: string | undefined;
  readonly publicKeyPin?: string | undefined;
  /** PEM certificates of the authorities that may vouch for the board. Default: those that this computer trusts. */
  readonly certificateAuthority?: string | undefined;
  /** The name or address that they must vouch for. Default: where the board is reached. */
  readonly certificateName?: string | undefined;
}

/**
 * Decides whether the peer of a TLS connection is the board that the user means.
 *
 * @remarks The certificate of a BMC is self-signed, nameless and expired by design
 * (docs/reference/bmc-protocol.md, "Transport"), so names, dates and issuers say nothing: only the key does. The
 * handshake proves that the peer has the private key. Where an authority or a name is configured it is the other way
 * round: a certificate that the authority issued for that name and that is valid now will do, whatever its key, since
 * these get a new one at every renewal.
 */
export class BoardVerifier {
  #verified: BoardIdentity | undefined;

  /** @param key - name of the board in messages and files, `host:port` */
  constructor(
    readonly key: string,
    private readonly host: string,
    private readonly pins: ConfiguredPins,
    private readonly trustStore: TrustStore,
  ) {}

  /**
   * Throws unless the peer is known. Nothing may have been written to the socket yet.
   *
   * @throws BmcError BMC_UNTRUSTED when nothing is known about the board or no authority vouches for it,
   * BMC_CERTIFICATE_CHANGED when it has another key
   */
  async verify(socket: TLSSocket): Promise<BoardIdentity> {
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) throw new BmcError('BMC_PROTOCOL', `${this.key} presented no certificate`);
    const identity = identityOf(certificate);
    if (this.asksAuthority && !socket.authorized) throw this.#notVouchedFor(socket, identity);
    if (this.asksAuthority && !this.#isPinned) return (this.#verified = identity);
    const expected = await this.#expected();
    if (!expected) {
      throw new BmcError(
        'BMC_UNTRUSTED',
        `the board at ${this.key} is not trusted yet: ${describe(identity)}`,
        {
          details: { board: this.key, ...identity },
        },
      );
    }
    const { publicKeyPin, certificateFingerprint } = expected;
    if (
      (publicKeyPin !== undefined && normalizeDigest(publicKeyPin) !== identity.publicKeyPin) ||
      (certificateFingerprint !== undefined &&
        normalizeDigest(certificateFingerprint) !== identity.certificateFingerprint)
    ) {
      throw await this.#changed(socket, identity, expected);
    }
    return (this.#verified = identity);
  }

  /** Whether an authority decides, rather than a key that somebody has confirmed. */
  get asksAuthority(): boolean {
    return this.pins.certificateAuthority !== undefined || this.pins.certificateName !== undefined;
  }

  /** What a connection needs so that {@link verify} finds the authority's word; nothing where only the key counts. */
  get connectOptions(): Pick<ConnectionOptions, 'ca' | 'checkServerIdentity'> {
    if (!this.asksAuthority) return {};
    const { certificateAuthority, certificateName = this.host } = this.pins;
    return {
      ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      checkServerIdentity: (_host, certificate) => checkServerIdentity(certificateName, certificate),
    };
  }

  /** Who the latest connection that was verified led to; undefined before the first. */
  get verified(): BoardIdentity | undefined {
    return this.#verified;
  }

  /**
   * The public key that this board must have, `sha256:` and 64 hex digits: it names the board whatever its address.
   * Undefined when none was configured or confirmed, and before the first connection where an authority decides.
   */
  async knownPublicKey(): Promise<string | undefined> {
    const confirmed = this.asksAuthority ? undefined : await this.trustStore.find(this.key);
    const pin = this.pins.publicKeyPin ?? this.#verified?.publicKeyPin ?? confirmed?.publicKeyPin;
    return pin === undefined ? undefined : normalizeDigest(pin);
  }

  /** Says what speaks for the board being the one that was trusted: its firmware may make a new key at each start. */
  async #changed(socket: TLSSocket, identity: BoardIdentity, expected: ConfiguredPins): Promise<BmcError> {
    const known = await this.trustStore.find(this.key).catch(() => undefined);
    const mac = await neighbourMac(socket.remoteAddress ?? '');
    const names = [
      ...(known?.serial === undefined ? [] : [`serial number ${known.serial}`]),
      ...(known?.mac === undefined ? [] : [`MAC address ${known.mac}`]),
    ];
    const before =
      names.length === 0 ? '' : `; the board that was trusted there has the ${names.join(' and the ')}`;
    const now =
      mac === undefined || known?.mac === undefined
        ? ''
        : mac === known.mac
          ? ', and what answers now has the same MAC address'
          : `, and what answers now has another MAC address, ${mac}`;
    return new BmcError(
      'BMC_CERTIFICATE_CHANGED',
      `${this.key} answers with another key than the trusted one: ${describe(identity)}${before}${now}`,
      {
        hint: `Nothing was sent to it. Someone may be in between; or the board made a new certificate, as newer firmware does when the board gets another name or address, or was reset or replaced: then ${this.#isPinned ? 'put the new key into the configuration' : 'confirm it again with `turingpi board trust`'}.`,
        details: { board: this.key, presented: identity, expected, known, mac },
      },
    );
  }

  #notVouchedFor(socket: TLSSocket, identity: BoardIdentity): BmcError {
    const { certificateAuthority, certificateName = this.host } = this.pins;
    const reason = reasonOf(socket.authorizationError);
    const who = certificateAuthority === undefined ? 'this computer trusts' : 'the configuration names';
    return new BmcError(
      'BMC_UNTRUSTED',
      `no authority that ${who} vouches for ${certificateName} at ${this.key} (${reason}): ${describe(identity)}`,
      {
        hint: 'Nothing was sent to it. `bmc.certificateAuthority` and `bmc.certificateName` say who may vouch for what; without both, its key counts, which `turingpi board trust` confirms.',
        details: { board: this.key, reason, ...identity },
      },
    );
  }

  get #isPinned(): boolean {
    return this.pins.publicKeyPin !== undefined || this.pins.certificateFingerprint !== undefined;
  }

  async #expected(): Promise<ConfiguredPins | undefined> {
    if (this.#isPinned) return this.pins;
    const known = await this.trustStore.find(this.key);
    return known && { publicKeyPin: known.publicKeyPin };
  }
}

/** Node's word for it, which is a code in spite of its type. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describe(identity: BoardIdentity): string {
  return `certificate ${identity.certificateFingerprint}, public key ${identity.publicKeyPin}`;
}
