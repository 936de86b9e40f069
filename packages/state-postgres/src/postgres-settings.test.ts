import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { postgresSettings } from './postgres-settings.js';

const EXAMPLE = path.resolve(import.meta.dirname, '../../../examples/postgres/turingpi.yaml');

describe('the settings of the store', () => {
  it('are those of the example, with what is left out', async () => {
    const { state } = parse(await readFile(EXAMPLE, 'utf8')) as { state: { postgres: unknown } };
    expect(postgresSettings.parse(state.postgres)).toEqual({
      url: { env: 'TPI_STATE_URL' },
      certificateAuthority: './database-ca.pem',
      cluster: 'lab',
      tls: 'verify',
      schema: 'turingpi',
      secretsKey: { env: 'TPI_SECRETS_KEY' },
      secretsRecipients: [],
    });
  });

  it.each([
    {},
    { url: { env: 'URL' }, tls: 'maybe' },
    { url: { env: 'URL' }, schema: 'a"; drop table phase' },
    { url: { env: 'URL' }, cluster: '' },
    { url: { env: 'URL' }, secretsRecipients: ['AGE-SECRET-KEY-1ABC'] },
    { url: { env: 'URL' }, passwrod: 'x' },
  ])('refuse %j', (settings) => {
    expect(postgresSettings.safeParse(settings).success).toBe(false);
  });
});
