import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Secret } from '@turingpi/core/plugin';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { assert, asyncProperty, integer } from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nameOf } from './artifact-place.js';
import { DirectoryPlace } from './directory-place.js';
import { HttpPlace } from './http-place.js';
import { SealedArtifacts } from './sealed-artifacts.js';

let directory: string;
let shared: string;
let store: SealedArtifacts;
let keys: { identity: Secret; recipients: string[] };
const options = { signal: new AbortController().signal, progress: () => undefined };
const servers: Server[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-artifacts-'));
  shared = path.join(directory, 'shared');
  await mkdir(shared);
  keys = { identity: new Secret(await generateX25519Identity()), recipients: [] };
  store = new SealedArtifacts(new DirectoryPlace(shared), keys);
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await rm(directory, { recursive: true, force: true });
});

/** A file of this computer, of which nobody knows yet. */
async function madeHere(bytes: Buffer, isSecret = true) {
  const file = path.join(directory, 'made.img');
  await writeFile(file, bytes);
  return { artifact: { sha256: createHash('sha256').update(bytes).digest('hex'), isSecret }, file };
}

it.each([true, false])('another computer gets the same bytes (secret: %s)', async (isSecret) => {
  const bytes = randomBytes(3_000_001);
  const { artifact, file } = await madeHere(bytes, isSecret);
  expect(await store.has(artifact, options.signal)).toBe(false);
  expect(await store.bring(artifact, path.join(directory, 'a', 'brought.img'), options)).toBe(false);
  await store.share(artifact, file, options);
  await store.share(artifact, file, options); // again: it is there
  expect(await store.has(artifact, options.signal)).toBe(true);
  const brought = path.join(directory, 'a', 'brought.img');
  expect(await store.bring(artifact, brought, options)).toBe(true);
  expect((await readFile(brought)).equals(bytes)).toBe(true);
  expect((await stat(brought)).mode & 0o777).toBe(0o600);
  const stored = await readFile(path.join(shared, nameOf(artifact.sha256, isSecret)));
  expect(stored.includes(bytes.subarray(1000, 1064))).toBe(!isSecret);
  // Whom the directory is shared with, its owner decides by group and umask.
  const { mode } = await stat(path.join(shared, nameOf(artifact.sha256, isSecret)));
  expect(mode).toBe((await stat(file)).mode);
});

it('is read by recipients, and by nobody else', async () => {
  const { artifact, file } = await madeHere(Buffer.from('an image with keys'));
  const [friend, stranger] = await Promise.all([generateX25519Identity(), generateX25519Identity()]);
  const recipients = [await identityToRecipient(friend)];
  await new SealedArtifacts(new DirectoryPlace(shared), { ...keys, recipients }).share(
    artifact,
    file,
    options,
  );
  const openWith = (identity: string) =>
    new SealedArtifacts(new DirectoryPlace(shared), { identity: new Secret(identity), recipients: [] }).bring(
      ...[artifact, path.join(directory, 'brought.img'), options],
    );
  await expect(openWith(stranger)).rejects.toMatchObject({ code: 'ARTIFACT_SEALED' });
  expect(await openWith(friend)).toBe(true);
});

it.each([true, false])('nothing that was altered or cut is taken (secret: %s)', async (isSecret) => {
  const { artifact, file } = await madeHere(randomBytes(200_000), isSecret);
  await store.share(artifact, file, options);
  const stored = path.join(shared, nameOf(artifact.sha256, isSecret));
  const right = await readFile(stored);
  const brought = path.join(directory, 'to', 'brought.img');
  const refuses = async (bytes: Buffer) => {
    await writeFile(stored, bytes);
    await expect(store.bring(artifact, brought, options)).rejects.toMatchObject({
      code: expect.stringMatching(/^ARTIFACT_(?:DAMAGED|SEALED)$/) as string,
    });
    expect(await readdir(path.dirname(brought)).catch(() => [])).toEqual([]);
  };
  const altered = asyncProperty(integer({ min: 0, max: right.length - 1 }), async (at) => {
    const bytes = Buffer.from(right);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await refuses(bytes);
    await refuses(right.subarray(0, at));
  });
  await assert(altered, { numRuns: 25 });
});

it('what is not what it is said to be is not shared', async () => {
  const { artifact, file } = await madeHere(randomBytes(100_000));
  await writeFile(file, 'altered since');
  await expect(store.share(artifact, file, options)).rejects.toMatchObject({ code: 'ARTIFACT_DAMAGED' });
  expect(await readdir(path.join(shared, artifact.sha256.slice(0, 2)))).toEqual([]);
});

it('a file server that is not mounted is named, and no directory is made in its place', async () => {
  const { artifact, file } = await madeHere(randomBytes(10));
  await rm(shared, { recursive: true });
  await expect(store.share(artifact, file, options)).rejects.toMatchObject({ code: 'ARTIFACTS_UNREACHABLE' });
  expect(await stat(shared).catch(() => undefined)).toBeUndefined();
});

/** Gives a directory out as a web server does, ranges included. */
async function serve(over: { cutAfter?: number; token?: string } = {}) {
  const requests: string[] = [];
  let cuts = 2;
  const server = createServer((request, response) => {
    const file = path.join(shared, new URL(request.url ?? '', 'http://host').pathname);
    requests.push(`${request.method} ${request.headers.range ?? ''}`.trim());
    const answer = (status: number) => response.writeHead(status).end();
    if (over.token !== undefined && request.headers.authorization !== `Bearer ${over.token}`)
      return answer(401);
    if (request.method === 'PUT') {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        void mkdir(path.dirname(file), { recursive: true })
          .then(() => writeFile(file, Buffer.concat(chunks)))
          .then(() => answer(201));
      });
      return;
    }
    void readFile(file).then(
      (bytes) => {
        const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
        const body = bytes.subarray(from);
        response.writeHead(from > 0 ? 206 : 200, { etag: '"one"', 'content-length': body.length });
        if (request.method === 'HEAD') return response.end();
        if (over.cutAfter === undefined || cuts-- <= 0) return response.end(body);
        response.write(body.subarray(0, over.cutAfter), () => response.destroy());
      },
      () => answer(404),
    );
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests };
}

it('a web server gives out and takes, and a connection that breaks goes on where it was cut', async () => {
  const { url, requests } = await serve({ cutAfter: 70_000, token: 'sesame' });
  const bytes = randomBytes(500_000);
  const { artifact, file } = await madeHere(bytes);
  const web = new SealedArtifacts(new HttpPlace(url, { token: new Secret('sesame'), pauseMs: 1 }), keys);
  const brought = path.join(directory, 'brought.img');
  expect(await web.bring(artifact, brought, options)).toBe(false);
  await web.share(artifact, file, options);
  expect(await web.bring(artifact, brought, options)).toBe(true);
  expect((await readFile(brought)).equals(bytes)).toBe(true);
  expect(requests.filter((request) => request.startsWith('GET bytes='))).toHaveLength(2);
  const without = new SealedArtifacts(new HttpPlace(url), keys);
  const refused = { code: 'ARTIFACTS_UNREACHABLE', hint: expect.stringContaining('token') as string };
  await expect(without.bring(artifact, brought, options)).rejects.toMatchObject(refused);
});

it('a server that is not there is named', async () => {
  const { url } = await serve();
  servers[0]?.close();
  const web = new SealedArtifacts(new HttpPlace(url, { pauseMs: 1 }), keys);
  const { artifact } = await madeHere(randomBytes(10));
  await expect(web.has(artifact, options.signal)).rejects.toMatchObject({ code: 'ARTIFACTS_UNREACHABLE' });
});
