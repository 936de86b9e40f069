import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Progress } from '@turingpi/foundation';
import fc from 'fast-check';
import { MockAgent } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { downloadBaseImage, type DownloadOptions } from './download-base-image.js';
import { FileServer, sha256 } from './file-server.fixture.js';

const CONTENT = randomBytes(400_000);
const DIGEST = sha256(CONTENT);

let server: FileServer;
let cacheDir: string;
beforeEach(async () => {
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'])
    vi.stubEnv(name, '');
  server = await FileServer.start();
  cacheDir = await mkdtemp(join(tmpdir(), 'turingpi-download-'));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(cacheDir, { recursive: true, force: true });
});

const options = (more: Partial<DownloadOptions> = {}): DownloadOptions => ({
  cacheDir,
  signal: new AbortController().signal,
  retryDelayMs: 1,
  ...more,
});
const download = (url: string, more: Partial<DownloadOptions> = {}, digest = DIGEST) =>
  downloadBaseImage({ url, sha256: digest }, options(more));
const left = async () => (await readdir(join(cacheDir, 'downloads')).catch(() => [])).sort();
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error as Error & { code: string; hint?: string },
  );

describe('downloadBaseImage', () => {
  it('downloads once, verified, readable by its owner only, and finds it again', async () => {
    server.serve('/u/image.img.xz', { content: CONTENT, etag: '"1"' });
    const seen: Progress[] = [];
    const image = await download(server.url('/u/image.img.xz'), {
      progress: (progress) => seen.push(progress),
    });
    expect(image).toEqual({
      path: join(cacheDir, 'downloads', `${DIGEST}.img.xz`),
      sha256: DIGEST,
      known: false,
    });
    expect(sha256(await readFile(image.path))).toBe(DIGEST);
    expect((await stat(image.path)).mode & 0o777).toBe(0o600);
    expect(await left()).toEqual([`${DIGEST}.img.xz`, `${DIGEST}.json`]);
    expect(seen.at(-1)).toMatchObject({ activity: 'download', done: CONTENT.length, total: CONTENT.length });

    expect(await download(server.url('/u/image.img.xz'))).toEqual({ ...image, known: true });
    expect(await download('http://127.0.0.1:1/elsewhere.img.xz')).toEqual({ ...image, known: true });
    expect(server.requests).toHaveLength(1);
  });

  it('downloads again what was damaged in the cache', async () => {
    server.serve('/image.img', { content: CONTENT });
    const { path } = await download(server.url('/image.img'));
    await writeFile(path, 'damaged');
    expect(await download(server.url('/image.img'))).toMatchObject({ known: false });
    expect(sha256(await readFile(path))).toBe(DIGEST);
  });

  it('goes on where connections are cut, at any offsets, whatever the server can do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(CONTENT.length), { maxLength: 6 }),
        fc.constantFrom(
          { etag: '"1"' },
          { lastModified: 'Mon, 23 Nov 2026 12:00:00 GMT' },
          { etag: 'W/"1"' },
          {},
        ),
        async (cuts, validator) => {
          const remaining = [...cuts];
          server.serve('/cut.img.xz', { content: CONTENT, ...validator, cutAfter: () => remaining.shift() });
          const { path } = await download(server.url('/cut.img.xz'));
          expect(sha256(await readFile(path))).toBe(DIGEST);
          expect(await left()).toEqual([`${DIGEST}.img.xz`, `${DIGEST}.json`]);
          await rm(join(cacheDir, 'downloads'), { recursive: true });
        },
      ),
      { numRuns: 15 },
    );
  });

  it('keeps what came for the next run, and asks only for the rest', async () => {
    server.serve('/image.img.xz', { content: CONTENT, etag: '"1"', cutAfter: () => 100_000 });
    const stop = new AbortController();
    const progress = ({ done = 0 }: Progress) => {
      if (done > 150_000) stop.abort(new Error('enough'));
    };
    const stopped = download(server.url('/image.img.xz'), { signal: stop.signal, progress });
    await expect(stopped).rejects.toThrow('enough');
    expect(await left()).toEqual([`${DIGEST}.partial`, `${DIGEST}.partial.json`]);
    const { size } = await stat(join(cacheDir, 'downloads', `${DIGEST}.partial`));
    expect(size).toBeGreaterThan(150_000);

    server.requests.length = 0;
    server.serve('/image.img.xz', { content: CONTENT, etag: '"1"' });
    await download(server.url('/image.img.xz'));
    expect(server.requests).toMatchObject([{ range: `bytes=${size}-`, ifRange: '"1"' }]);
  });

  it.each([
    ['ranges are not served', { ranges: false, etag: '"1"' }],
    ['only dates are served', { lastModified: 'Mon, 23 Nov 2026 12:00:00 GMT' }],
  ])('downloads when %s', async (_, served) => {
    const cuts = [300_000, 350_000];
    server.serve('/image.img.xz', { content: CONTENT, ...served, cutAfter: () => cuts.shift() });
    const { path } = await download(server.url('/image.img.xz'));
    expect(sha256(await readFile(path))).toBe(DIGEST);
  });

  it('begins anew when the file changed between two attempts', async () => {
    const old = randomBytes(CONTENT.length + 7);
    const file = { content: old, etag: '"old"', cutAfter: (): number | undefined => 200_000 };
    server.serve('/image.img.xz', file);
    file.cutAfter = () => {
      Object.assign(file, { content: CONTENT, etag: '"new"', cutAfter: undefined });
      return 200_000;
    };
    const { path } = await download(server.url('/image.img.xz'));
    expect(sha256(await readFile(path))).toBe(DIGEST);
  });

  it('begins anew when the server goes on with another file in spite of If-Range', async () => {
    const file = { content: randomBytes(CONTENT.length), cutAfter: (): number | undefined => 1 };
    file.cutAfter = () => {
      Object.assign(file, { content: CONTENT, cutAfter: undefined });
      return 200_000;
    };
    server.serve('/image.img.xz', file); // no validator: only the digest can tell
    const { path } = await download(server.url('/image.img.xz'));
    expect(sha256(await readFile(path))).toBe(DIGEST);
  });

  it.each([
    ['a wrong digest', 'IMAGE_DOWNLOAD_DIGEST', { content: Buffer.from('something else') }],
    [
      'a web page',
      'IMAGE_DOWNLOAD_NOT_AN_IMAGE',
      { content: Buffer.from('x'), contentType: 'text/html; charset=utf-8' },
    ],
    [
      'a web page in disguise',
      'IMAGE_DOWNLOAD_NOT_AN_IMAGE',
      { content: Buffer.from('\n<!DOCTYPE html>\n<p>Log in') },
    ],
  ])('refuses %s and keeps nothing', async (_, code, served) => {
    server.serve('/image.img.xz', served);
    const error = await failure(download(server.url('/image.img.xz')));
    expect(error).toMatchObject({ code, hint: expect.stringMatching(/\S/) as string });
    expect(await left()).toEqual([]);
  });

  it.each([404, 403, 410])('refuses HTTP %i at once', async (status) => {
    server.handle('/image.img.xz', (_, response) => response.writeHead(status).end('no'));
    const error = await failure(download(server.url('/image.img.xz')));
    expect(error).toMatchObject({ code: 'IMAGE_DOWNLOAD_REFUSED', details: { statusCode: status } });
    expect(server.requests).toHaveLength(1);
    expect(await left()).toEqual([]);
  });

  it('tries again after HTTP 503', async () => {
    let answers = 0;
    server.handle('/image.img.xz', (_, response) => {
      answers += 1;
      if (answers < 3) response.writeHead(503).end();
      else response.end(CONTENT);
    });
    await download(server.url('/image.img.xz'));
    expect(answers).toBe(3);
  });

  it('gives up on a body that is always cut, and keeps it', async () => {
    let first = true;
    server.serve('/image.img.xz', {
      content: CONTENT,
      etag: '"1"',
      cutAfter: () => {
        const cut = first ? 1000 : 0;
        first = false;
        return cut;
      },
    });
    const error = await failure(download(server.url('/image.img.xz')));
    expect(error.code).toBe('IMAGE_DOWNLOAD_TRUNCATED');
    expect(error.message).toContain(`1000 of ${CONTENT.length} bytes`);
    expect(await left()).toEqual([`${DIGEST}.partial`, `${DIGEST}.partial.json`]);
  });

  it('names a host that cannot be reached', async () => {
    const error = await failure(download('http://127.0.0.1:1/image.img.xz'));
    expect(error).toMatchObject({
      code: 'IMAGE_DOWNLOAD_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1') as string,
    });
    expect(await left()).toEqual([]);
  });

  it('cuts a connection that has gone silent, and goes on', async () => {
    let first = true;
    server.handle('/image.img.xz', (_, response) => {
      if (!first) return void response.end(CONTENT);
      first = false;
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 10));
    });
    expect(await download(server.url('/image.img.xz'), { idleTimeoutMs: 300 })).toMatchObject({
      known: false,
    });
  });

  it('is stopped by its signal while a body trickles', async () => {
    const stop = new AbortController();
    server.handle('/image.img.xz', (_, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 10), () => stop.abort(new Error('stopped')));
    });
    await expect(download(server.url('/image.img.xz'), { signal: stop.signal })).rejects.toThrow('stopped');
  });
});

describe('redirects and credentials', () => {
  it('follows redirects, and not for ever', async () => {
    server.handle('/a', (_, response) => response.writeHead(302, { location: '/image.img.xz' }).end());
    server.handle('/loop', (_, response) => response.writeHead(302, { location: '/loop' }).end());
    server.serve('/image.img.xz', { content: CONTENT });
    await download(server.url('/a'));
    const error = await failure(download(server.url('/loop'), {}, 'a'.repeat(64)));
    expect(error.code).toBe('IMAGE_DOWNLOAD_REDIRECT');
    expect(await left()).toEqual([`${DIGEST}.img`, `${DIGEST}.json`]);
  });

  it('sends credentials to their own host only, and shows them nowhere', async () => {
    await using other = await FileServer.start();
    other.serve('/image.img.xz', { content: CONTENT });
    server.handle('/moved', (_, response) =>
      response.writeHead(307, { location: other.url('/image.img.xz') }).end(),
    );
    server.serve('/image.img.xz', { content: CONTENT });
    const withLogin = (path: string) => server.url(path).replace('//', '//user:hunter2@');

    const error = await failure(download(withLogin('/moved?token=hunter2')));
    expect(error.code).toBe('IMAGE_DOWNLOAD_REDIRECT');
    expect(`${error.message} ${error.hint ?? ''} ${JSON.stringify(error)}`).not.toContain('hunter2');
    expect(other.requests).toEqual([]);

    await download(withLogin('/image.img.xz?token=hunter2'));
    const basic = `Basic ${Buffer.from('user:hunter2').toString('base64')}`;
    expect(server.requests.at(-1)).toMatchObject({ authorization: basic });
    for (const name of (await left()).filter((file) => file.endsWith('.json')))
      expect(await readFile(join(cacheDir, 'downloads', name), 'utf8')).not.toContain('hunter2');
  });

  it('refuses the step from https to http', async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    agent
      .get('https://example.org')
      .intercept({ path: '/image.img.xz' })
      .reply(302, '', { headers: { location: 'http://example.org/image.img.xz' } });
    const error = await failure(download('https://example.org/image.img.xz', { dispatcher: agent }));
    expect(error.code).toBe('IMAGE_DOWNLOAD_REDIRECT');
    await agent.close();
  });
});

describe('a .sha256 URL', () => {
  it('gives the digest', async () => {
    server.serve('/image.img.xz', { content: CONTENT });
    server.serve('/SHA256SUMS', { content: Buffer.from(`${'0'.repeat(64)}  a\n${DIGEST} *image.img.xz\n`) });
    const source = { url: server.url('/image.img.xz'), sha256Url: server.url('/SHA256SUMS') };
    expect(await downloadBaseImage(source, options())).toMatchObject({ sha256: DIGEST });
  });

  it.each([
    ['is missing', '/none', 'IMAGE_DOWNLOAD_REFUSED'],
    ['does not name the file', '/other', 'IMAGE_DOWNLOAD_DIGEST_FILE'],
    ['is the image itself', '/big', 'IMAGE_DOWNLOAD_DIGEST_FILE'],
  ])('fails when it %s', async (_, path, code) => {
    server.serve('/other', { content: Buffer.from(`${DIGEST}  a\n${DIGEST}  b\n`) });
    server.serve('/big', { content: Buffer.alloc(2 ** 21) });
    const source = { url: server.url('/image.img.xz'), sha256Url: server.url(path) };
    expect(await failure(downloadBaseImage(source, options()))).toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
  });
});

describe('several at once', () => {
  it('download one file once', async () => {
    server.serve('/image.img.xz', { content: CONTENT });
    const images = await Promise.all([1, 2, 3].map(() => download(server.url('/image.img.xz'))));
    expect(images.filter(({ known }) => !known)).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
  });
});

describe('proxies', () => {
  it('go where the environment says', async () => {
    const asked: string[] = [];
    const proxy = createServer((client) => {
      client.once('data', (head) => {
        const target = /^CONNECT (\S+)/.exec(head.toString())?.[1] ?? '';
        asked.push(target);
        const upstream = connect(server.port, '127.0.0.1', () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n');
          client.pipe(upstream).pipe(client);
        });
        for (const socket of [client, upstream]) socket.on('error', () => upstream.destroy());
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    server.serve('/image.img.xz', { content: CONTENT });
    try {
      vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
      vi.stubEnv('http_proxy', undefined);
      await download('http://images.example/image.img.xz');
      expect(asked).toEqual(['images.example:80']);

      await rm(join(cacheDir, 'downloads'), { recursive: true });
      vi.stubEnv('NO_PROXY', '127.0.0.1');
      vi.stubEnv('no_proxy', undefined);
      await download(server.url('/image.img.xz'));
      expect(asked).toHaveLength(1);
    } finally {
      proxy.close();
    }
  });
});
