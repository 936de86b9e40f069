import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadFleet } from '@turingpi/fleet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectionFromSettings } from './connection-from-settings.js';
import { temporalSettings } from './temporal-settings.js';

let baseDir: string;
beforeEach(async () => {
  baseDir = await mkdtemp(path.join(tmpdir(), 'turingpi-temporal-settings-'));
});
afterEach(() => rm(baseDir, { recursive: true, force: true }));

const key = randomBytes(32).toString('base64');
const read = (settings: object, environment: Readonly<Record<string, string>> = { TPI_FLEET_KEY: key }) =>
  connectionFromSettings({ fleet: 'labs', baseDir, environment }, temporalSettings.parse(settings));

describe('the settings of Temporal', () => {
  it('fit the fleet file of the documentation', async () => {
    const file = path.resolve(import.meta.dirname, '../../../../examples/fleet/with-temporal.yaml');
    const { engine } = await loadFleet(file);
    expect(engine?.id).toBe('temporal');
    expect(temporalSettings.parse(engine?.settings).lostAfterMs).toBe(75_000);
  });

  it('have their secrets and certificates read on this computer', async () => {
    await writeFile(path.join(baseDir, 'old.key'), `${key}\n`);
    await writeFile(path.join(baseDir, 'ca.crt'), 'a certificate');
    const address = 'temporal.example:7233';
    const keys = [{ env: 'NEW' }, { file: './old.key' }];
    const { keys: opened, ...rest } = await read({ address, keys, tls: { ca: './ca.crt' } }, { NEW: 'new' });
    expect(opened.map((secret) => secret.reveal())).toEqual(['new', key]);
    expect(rest).toEqual({
      address,
      namespace: 'default',
      fleet: 'labs',
      tls: { authority: 'a certificate' },
    });
  });

  it('tell which secret or file is missing', async () => {
    const address = '127.0.0.1:9';
    await expect(read({ address }, {})).rejects.toMatchObject({
      code: 'CONFIG_SECRET_MISSING',
      message: expect.stringContaining('TPI_FLEET_KEY') as string,
    });
    await expect(read({ address, tls: { ca: './none.crt' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('none.crt') as string,
    });
    expect(temporalSettings.safeParse({ address, tls: { cert: './a.crt' } }).success).toBe(false);
  });
});
