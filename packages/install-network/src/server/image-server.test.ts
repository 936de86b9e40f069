import { EventEmitter, once } from 'node:events';
import { request } from 'node:https';
import { describe, expect, it } from 'vitest';
import type { NodePlan } from '../served/served-image.js';
import type { NodeSign } from './admission.js';
import { ImageServer } from './image-server.js';

const BYTES = Buffer.from('0123456789');
const PARCEL: NodePlan['parcels'][number] = {
  encoding: 'raw',
  transferBytes: BYTES.length,
  sha256: '',
  range: { offset: 0, length: BYTES.length },
  used: [],
  async *read(_signal, from) {
    yield BYTES.subarray(from);
  },
};
const IMAGE = { planFor: (bytes: number) => Promise.resolve({ text: `for ${bytes}`, parcels: [PARCEL] }) };

async function ask(
  server: ImageServer,
  path: string,
  {
    token = '',
    body,
    range,
  }: { readonly token?: string; readonly body?: string; readonly range?: string } = {},
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return await new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: '127.0.0.1', port: server.port, path, rejectUnauthorized: false },
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, ...(range !== undefined && { range }) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode, text }));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

describe('the image server', () => {
  it('gives one node its plan and its parcels, from any byte on, until it is done', async () => {
    const signs: NodeSign[] = [];
    await using server = await ImageServer.listen({ host: '127.0.0.1' });
    const { token } = server.admit(IMAGE, (sign) => void signs.push(sign));
    expect(await ask(server, '/parcel/0', { token })).toMatchObject({ status: 404 }); // it has no plan yet
    expect(await ask(server, '/plan', { token, body: 'disk 512' })).toEqual({ status: 200, text: 'for 512' });
    expect(await ask(server, '/parcel/0', { token })).toEqual({ status: 200, text: '0123456789' });
    expect(await ask(server, '/parcel/0', { token, range: 'bytes=7-' })).toEqual({
      status: 206,
      text: '789',
    });
    expect(await ask(server, '/parcel/0', { token, range: 'bytes=10-' })).toMatchObject({ status: 416 });
    expect(await ask(server, '/parcel/1', { token })).toMatchObject({ status: 404 });
    expect(await ask(server, '/report', { token, body: 'failed \x1b[31m no disk\n' })).toMatchObject({
      status: 204,
    });
    expect(await ask(server, '/report', { token, body: 'done' })).toMatchObject({ status: 204 });
    expect(await ask(server, '/parcel/0', { token })).toMatchObject({ status: 403 });
    expect(signs).toEqual([
      { sign: 'plan', diskBytes: 512 },
      { sign: 'sent', bytes: 10 },
      { sign: 'sent', bytes: 3 },
      { sign: 'failed', reason: '[31m no disk' },
      { sign: 'report', state: 'done' },
    ]);
  });

  it('gives nobody else anything', async () => {
    await using server = await ImageServer.listen({ host: '127.0.0.1' });
    const admission = server.admit(IMAGE, () => undefined);
    for (const token of ['', admission.key, `${admission.token}x`])
      expect(await ask(server, '/plan', { token, body: 'disk 512' })).toMatchObject({ status: 403 });
    const { token } = admission;
    expect(await ask(server, '/plan', { token, body: 'x'.repeat(5000) })).toMatchObject({ status: 413 });
    expect(await ask(server, '/../etc/passwd', { token })).toMatchObject({ status: 404 });
    server.dismiss(admission);
    expect(await ask(server, '/plan', { token, body: 'disk 512' })).toMatchObject({ status: 403 });
  });

  it('serves four nodes with three requests each at the same time without a warning of the process', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    try {
      const allStarted = new EventEmitter().setMaxListeners(0);
      let reading = 0;
      const parcel: NodePlan['parcels'][number] = {
        ...PARCEL,
        async *read() {
          const whenAll = once(allStarted, 'all'); // none ends before all are under way
          if (++reading === 12) allStarted.emit('all');
          await whenAll;
          yield BYTES;
        },
      };
      const image = { planFor: () => Promise.resolve({ text: 'plan', parcels: [parcel] }) };
      await using server = await ImageServer.listen({ host: '127.0.0.1' });
      const node = async (): Promise<number> => {
        const { token } = server.admit(image, () => undefined);
        await ask(server, '/plan', { token, body: 'disk 512' });
        const answers = await Promise.all([1, 2, 3].map(() => ask(server, '/parcel/0', { token })));
        return answers.filter(({ status }) => status === 200).length;
      };
      expect(await Promise.all([node(), node(), node(), node()])).toEqual([3, 3, 3, 3]);
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', note);
    }
  });
});
