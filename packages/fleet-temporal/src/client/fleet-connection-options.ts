import type { Secret } from '@turingpi/core/plugin';

/** Where the Temporal of a fleet is, and what is needed to talk to it. */
export interface FleetConnectionOptions {
  /** Host and port, for example `temporal.example.com:7233`. */
  readonly address: string;
  /** Default: `default`. */
  readonly namespace?: string;
  /** Name of the fleet: several may share a namespace. Letters, digits, `-` and `_`. */
  readonly fleet: string;
  /** What encrypts everything that is handed to Temporal; see `SealingCodec`. */
  readonly keys: readonly [Secret, ...Secret[]];
  /** Missing: the connection is not encrypted, as is good for 127.0.0.1 only. */
  readonly tls?: FleetTls;
  /** A token that tells the server who this is, as a JWT. */
  readonly token?: Secret;
}

/** Certificates, PEM. */
export interface FleetTls {
  /** Of the authority that vouches for the server; default: those that the system trusts. */
  readonly authority?: string;
  /** What this side proves itself with. */
  readonly certificate?: string;
  readonly privateKey?: Secret;
  /** The name that the server's certificate has, where it is another than that of the address. */
  readonly serverName?: string;
}
