import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { connectionOptions } from './connection-options.js';

const options = (url: string, tls: 'verify' | 'off' = 'verify', certificateAuthority?: string) =>
  connectionOptions(url, { tls, certificateAuthority }, '/nowhere');

describe('the address of a database', () => {
  it('over TCP asks the server to prove who it is, whatever it is called', async () => {
    for (const host of ['db.lan', '192.168.1.5', 'localhost', '127.0.0.1']) {
      const { client } = await options(`postgresql://me:secret@${host}:5433/lab`);
      expect(client).toMatchObject({
        ...{ host, port: 5433, user: 'me', password: 'secret', database: 'lab' },
        ssl: { rejectUnauthorized: true },
      });
    }
  });

  it('asks for none over a UNIX socket, and where it is told not to', async () => {
    const socket = await options('postgresql://me@localhost/lab?host=/run/postgresql');
    expect(socket.client).toMatchObject({ host: '/run/postgresql', ssl: false });
    expect((await options('postgresql://db.lan/lab', 'off')).client.ssl).toBe(false);
  });

  it('is told without its password', async () => {
    const { location } = await options('postgresql://me:hunter2@db.lan/lab');
    expect(location).toBe('postgresql://db.lan:5432/lab');
  });

  it.each([
    ['mysql://me:hunter2@db.lan/lab', 'postgresql://'],
    ['hunter2', 'postgresql://'],
    ['postgresql://me:hunter2@db.lan/lab?sslmode=disable', 'TLS'],
    ['postgresql://me:hunter2@db.lan/lab?a=1&sslmode=require', 'TLS'],
    ['postgresql://me:hunter2@[::1/lab', 'understood'],
  ])('%s is refused, and not quoted', async (url, why) => {
    const error = await options(url).catch((each: unknown) => each as Error);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) as string });
    expect(inspect(error)).not.toContain('hunter2');
  });

  it('with an authority that is not there is refused', async () => {
    await expect(options('postgresql://db.lan/lab', 'verify', 'ca.pem')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('/nowhere/ca.pem') as string,
    });
  });
});
