import { readFile } from 'node:fs/promises';
import { ConfigError, readSecret, resolvePath, Secret } from '@turingpi/core/plugin';
import type { FleetEngineRequest } from '@turingpi/fleet/orchestrator';
import type { FleetConnectionOptions, FleetTls } from '../client/fleet-connection-options.js';
import type { TemporalSettings } from './temporal-settings.js';

/**
 * Reads the secrets and certificates that the settings name, on this computer.
 *
 * @throws ConfigError `CONFIG_SECRET_MISSING`; `CONFIG_INVALID` for a file that cannot be read
 */
export async function connectionFromSettings(
  { fleet, baseDir, environment }: Pick<FleetEngineRequest, 'fleet' | 'baseDir' | 'environment'>,
  {
    address,
    namespace,
    keys,
    tls,
    token,
  }: Pick<TemporalSettings, 'address' | 'namespace' | 'keys' | 'tls' | 'token'>,
): Promise<FleetConnectionOptions> {
  const secret = async (key: string, source: Parameters<typeof readSecret>[0]): Promise<Secret> => {
    const read = await readSecret(source, { key: `engine.temporal.${key}`, baseDir, environment });
    if (read === undefined) throw new TypeError(`engine.temporal.${key} has a schema that asks for it`);
    return read;
  };
  const [first, ...others] = await Promise.all(keys.map((key, index) => secret(`keys.${index}`, key)));
  if (first === undefined) throw new TypeError('engine.temporal.keys has a schema that asks for one');
  return {
    ...{ address, namespace, fleet, keys: [first, ...others] },
    ...(token === undefined ? {} : { token: await secret('token', token) }),
    ...(tls === undefined ? {} : { tls: await tlsFrom(tls, baseDir) }),
  };
}

async function tlsFrom(
  { ca, cert, key, serverName }: NonNullable<TemporalSettings['tls']>,
  baseDir: string,
): Promise<FleetTls> {
  return {
    ...(ca === undefined ? {} : { authority: await pem('ca', ca, baseDir) }),
    ...(cert === undefined ? {} : { certificate: await pem('cert', cert, baseDir) }),
    ...(key === undefined ? {} : { privateKey: new Secret(await pem('key', key, baseDir)) }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

async function pem(name: string, file: string, baseDir: string): Promise<string> {
  const resolved = resolvePath(baseDir, file);
  try {
    return await readFile(resolved, 'utf8');
  } catch (cause) {
    throw new ConfigError('CONFIG_INVALID', `\`engine.temporal.tls.${name}\`: ${resolved} cannot be read`, {
      cause,
      hint: 'Name a file in PEM.',
    });
  }
}
