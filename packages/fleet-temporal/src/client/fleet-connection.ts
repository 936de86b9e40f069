import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { SealingCodec } from '../codec/sealing-codec.js';
import { FleetEngineError } from '../fleet-engine-error.js';
import type { FleetConnectionOptions, FleetTls } from './fleet-connection-options.js';

const ANSWERS_WITHIN_MS = 5000;

/** How both sides make payloads of what they send; the failure converter is loaded by its path. */
export function dataConverterOf({ keys }: Pick<FleetConnectionOptions, 'keys'>): DataConverter {
  return {
    payloadCodecs: [new SealingCodec(keys)],
    failureConverterPath: pathOf('codec/failure-converter.js'),
  };
}

/** Where a module of this package is that Temporal loads itself, as it was built. */
export function pathOf(module: 'codec/failure-converter.js' | 'workflows.js'): string {
  const manifest = fileURLToPath(import.meta.resolve('@turingpi/fleet-temporal/package.json'));
  return path.join(path.dirname(manifest), 'dist', module);
}

/** @throws FleetEngineError `FLEET_ENGINE_UNREACHABLE` */
export async function connectClient(options: FleetConnectionOptions): Promise<Client> {
  const connection = await orUnreachable(options, () =>
    Connection.connect({ ...wayTo(options), connectTimeout: ANSWERS_WITHIN_MS }),
  );
  return new Client({ connection, namespace: namespaceOf(options), dataConverter: dataConverterOf(options) });
}

export function namespaceOf({ namespace = 'default' }: Pick<FleetConnectionOptions, 'namespace'>): string {
  return namespace;
}

/** The part of the options that clients and workers are given alike. */
export function wayTo({ address, tls, token }: FleetConnectionOptions) {
  return {
    address,
    ...(token === undefined ? {} : { apiKey: token.reveal() }),
    tls: tls === undefined ? false : tlsOf(tls),
  };
}

function tlsOf({ authority, certificate, privateKey, serverName }: FleetTls) {
  const own =
    certificate === undefined || privateKey === undefined
      ? {}
      : { clientCertPair: { crt: Buffer.from(certificate), key: Buffer.from(privateKey.reveal()) } };
  return {
    ...(authority === undefined ? {} : { serverRootCACertificate: Buffer.from(authority) }),
    ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
    ...own,
  };
}

/** @throws FleetEngineError `FLEET_ENGINE_UNREACHABLE` when the attempt fails */
export async function orUnreachable<T>(
  { address }: FleetConnectionOptions,
  connect: () => Promise<T>,
): Promise<T> {
  try {
    return await connect();
  } catch (cause) {
    throw new FleetEngineError('FLEET_ENGINE_UNREACHABLE', `Temporal does not answer at ${address}`, {
      cause,
      category: 'connection',
      hint: 'Does it run, and does a firewall let connections to it pass? With certificates each side must trust that of the other, and none may be out of date.',
    });
  }
}
