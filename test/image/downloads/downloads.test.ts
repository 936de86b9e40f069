import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const CONTENT = randomBytes(3_000_000);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const HELD_AT = 1_000_000;

/** What a child process runs: the built package, as a program of its own would use it. */
const PROGRAM = `
  import { downloadBaseImage } from '@turingpi/image';
  const [url, sha256, cacheDir] = process.argv.slice(1);
  const print = (value) => console.log(JSON.stringify(value));
  try {
    const signal = new AbortController().signal;
    print({ image: await downloadBaseImage({ url, sha256 }, { cacheDir, signal, progress: print, retryDelayMs: 1 }) });
  } catch (error) {
    print({ code: error.code, message: error.message });
  }
`;

let cacheDir: string;
const servers: Server[] = [];
beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(os.tmpdir(), 'turingpi-downloads-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await rm(cacheDir, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

type Line = Readonly<Record<string, unknown>>;

function start(
  url: string,
  env: Readonly<Record<string, string>> = {},
): { child: ChildProcess; lines: AsyncIterable<Line> } {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, url, SHA256, cacheDir], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const text = createInterface({ input: child.stdout });
  const lines = (async function* () {
    for await (const line of text) yield JSON.parse(line) as Line;
  })();
  return { child, lines };
}

async function outcome(url: string, env: Readonly<Record<string, string>> = {}): Promise<Line> {
  return (await allLines(url, env)).at(-1) ?? {};
}

async function allLines(url: string, env: Readonly<Record<string, string>> = {}): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of start(url, env).lines) lines.push(line);
  return lines;
}

describe('downloads of several processes', () => {
  it('a killed one is gone on with, once, by those that come after it', async () => {
    const ranges: (string | undefined)[] = [];
    const port = await listen(
      createServer((request, response) => {
        ranges.push(request.headers.range);
        const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
        const length = CONTENT.length - from;
        const range = { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` };
        response.writeHead(from > 0 ? 206 : 200, {
          'content-length': length,
          etag: '"1"',
          ...(from > 0 ? range : {}),
        });
        if (from === 0) response.write(CONTENT.subarray(0, HELD_AT));
        else response.end(CONTENT.subarray(from));
      }),
    );
    const url = `http://127.0.0.1:${port}/image.img.xz`;

    const { child } = start(url);
    const exited = once(child, 'exit');
    const partial = path.join(cacheDir, 'downloads', `${SHA256}.partial`);
    await vi.waitFor(async () => expect((await stat(partial)).size).toBeGreaterThan(0), { timeout: 30_000 });
    child.kill('SIGKILL');
    await exited;

    const outputs = await Promise.all([allLines(url), allLines(url)]);
    const waited = outputs.map((lines) => lines.some(({ note }) => String(note).includes('another process')));
    expect(waited, 'nobody waits for the dead one').toContain(false);
    const images = outputs.map((lines) => lines.at(-1)?.['image'] as Line);
    expect(images.map(({ known }) => known).sort()).toEqual([false, true]);
    expect(
      createHash('sha256')
        .update(await readFile(String(images[0]!['path'])))
        .digest('hex'),
    ).toBe(SHA256);
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect((await readdir(path.join(cacheDir, 'downloads'))).sort()).toEqual([
      `${SHA256}.img.xz`,
      `${SHA256}.json`,
    ]);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl && process.env['CI'] === 'true')
  throw new Error('tests need the program openssl, which is not installed');

describe.skipIf(!hasOpenssl)('downloads over https', () => {
  async function serve(listener: RequestListener): Promise<{ port: number; authority: string }> {
    const [key, authority] = [path.join(cacheDir, 'key.pem'), path.join(cacheDir, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
    const { status, stderr } = spawnSync('openssl', [
      ...request,
      ...names,
      '-keyout',
      key,
      '-out',
      authority,
    ]);
    expect(status, String(stderr)).toBe(0);
    const server = createHttpsServer({ key: await readFile(key), cert: await readFile(authority) }, listener);
    return { port: await listen(server), authority };
  }

  it('work with an authority that is trusted, fail with one that is not, and never step down to http', async () => {
    const plain: string[] = [];
    const plainPort = await listen(
      createServer((request, response) => {
        plain.push(request.url ?? '');
        response.end(CONTENT);
      }),
    );
    const { port, authority } = await serve((request, response) => {
      if (request.url === '/image.img.xz') response.end(CONTENT);
      else response.writeHead(302, { location: `http://127.0.0.1:${plainPort}/image.img.xz` }).end();
    });
    const url = (name: string) => `https://127.0.0.1:${port}/${name}`;
    const trusting = { NODE_EXTRA_CA_CERTS: authority };

    expect(await outcome(url('image.img.xz'))).toMatchObject({ code: 'IMAGE_DOWNLOAD_UNTRUSTED' });
    expect(await outcome(url('moved'), trusting)).toMatchObject({ code: 'IMAGE_DOWNLOAD_REDIRECT' });
    expect(plain).toEqual([]);
    expect(await outcome(url('image.img.xz'), trusting)).toMatchObject({
      image: { sha256: SHA256, known: false },
    });
  });
});
