import { readFile } from 'node:fs/promises';
import { checkServerIdentity } from 'node:tls';
import { ConfigError, docsPage, resolvePath } from '@turingpi/core/plugin';
import type { ClientConfig } from 'pg';
import { parse } from 'pg-connection-string';
import type { PostgresSettings } from './postgres-settings.js';

/** Where a database is, how it is reached, and how it is called in messages. */
export interface ConnectionOptions {
  readonly client: ClientConfig;
  /** Without the password. */
  readonly location: string;
}

/**
 * Makes the options of a connection of an address.
 *
 * @param url - with its password: it is in no message
 * @param settings - how the server proves who it is
 * @throws ConfigError `CONFIG_INVALID` for an address that is none, or that speaks of TLS.
 */
export async function connectionOptions(
  url: string,
  settings: Pick<PostgresSettings, 'tls' | 'certificateAuthority'>,
  baseDir: string,
): Promise<ConnectionOptions> {
  if (!/^postgres(?:ql)?:\/\//.test(url)) throw invalid('is no address that begins with postgresql://');
  // What pg makes of them has changed between its versions, and some of them verify nothing.
  if (/[?&]ssl/i.test(url)) throw invalid('speaks of TLS: that is said by `tls` and `certificateAuthority`');
  const { host, port, database, user, password } = parsed(url);
  const authority = settings.certificateAuthority;
  const isSocket = host.startsWith('/');
  const ssl =
    isSocket || settings.tls === 'off'
      ? false
      : {
          rejectUnauthorized: true,
          ...(authority === undefined ? {} : { ca: await authorityIn(resolvePath(baseDir, authority)) }),
          // Of an address pg does not tell Node, which would take any certificate for localhost.
          checkServerIdentity: (_name: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
            checkServerIdentity(host, certificate),
        };
  return {
    client: {
      ...{ host, port, ssl },
      ...(database === undefined ? {} : { database }),
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
    },
    location: `postgresql://${isSocket ? '' : `${host}:${port}`}/${database ?? user ?? ''}${isSocket ? `?host=${host}` : ''}`,
  };
}

interface ParsedUrl {
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

function parsed(url: string): ParsedUrl {
  try {
    const { host, port, database, user, password } = parse(url);
    const given = (text: string | null | undefined) => (text === '' ? undefined : (text ?? undefined));
    return {
      host: given(host) ?? 'localhost',
      port: Number(given(port) ?? 5432),
      database: given(database),
      user: given(user),
      password: given(password),
    };
  } catch {
    throw invalid('cannot be understood'); // without the cause: it quotes the address
  }
}

async function authorityIn(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(
      'CONFIG_INVALID',
      `\`state.postgres.certificateAuthority\`: ${file} cannot be read`,
      { cause, hint: 'Name a file with PEM certificates.' },
    );
  }
}

function invalid(problem: string): ConfigError {
  return new ConfigError('CONFIG_INVALID', `\`state.postgres.url\` ${problem}`, {
    hint: `Write it as postgresql://user:password@host:5432/database (${docsPage('postgres')}).`,
  });
}
