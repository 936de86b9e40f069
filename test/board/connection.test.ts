import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BmcError } from '@turingpi/bmc';
import { Secret } from '@turingpi/foundation';
import { describe, expect, test } from 'vitest';
import { Relay } from '../support/site/relay.js';
import { emmcBytes, rawImage, recordingLogger, startBoard } from './board-fixture.js';

const MB = 1 << 20;
const logins = (targets: readonly { target: string }[]) =>
  targets.filter(({ target }) => target.includes('authenticate')).length;

test('a client that is closed while it asks keeps no connection', async () => {
  await using fixture = await startBoard();
  const { host, port } = fixture.board.https;
  await using between = await Relay.start(0, { host, port });
  const endpoint = { host, port: between.port, httpPort: 1 };
  const client = fixture.client({ endpoint });
  await client.power.get();
  const asked = client.power.get().catch(() => undefined);
  await client[Symbol.asyncDispose]();
  await asked;
  await expect.poll(() => between.connections).toBe(0);
});

describe('who the board is', () => {
  test('a board that nobody confirmed is sent nothing; its key is shown; once confirmed it is known', async () => {
    await using fixture = await startBoard();
    const unknown = fixture.client({ pins: {} });
    await expect(unknown.power.get()).rejects.toMatchObject({
      code: 'BMC_UNTRUSTED',
      details: {
        publicKeyPin: fixture.board.publicKeyPin,
        certificateFingerprint: fixture.board.certificateFingerprint,
      },
      hint: expect.stringContaining('turingpi board trust') as string,
    });
    expect(fixture.board.accessLog).toEqual([]);
    await unknown.trust(await unknown.presentedIdentity());
    await expect(fixture.client({ pins: {} }).power.get()).resolves.toMatchObject({ 1: 'off' });
  });

  test.each([
    ['publicKeyPin', (hex: string) => hex],
    ['certificateFingerprint', (hex: string) => hex],
    [
      'certificateFingerprint',
      (hex: string) =>
        hex
          .replace('sha256:', '')
          .toUpperCase()
          .replaceAll(/..(?!$)/g, '$&:'),
    ],
  ] as const)('a %s of the configuration is enough, however it is written', async (name, write) => {
    await using fixture = await startBoard();
    await fixture.client({ pins: { [name]: write(fixture.board[name]) } }).login();
  });

  test('someone in between, with another key, gets no byte of a request', async () => {
    await using genuine = await startBoard();
    await using impostor = await startBoard();
    const { host, port } = impostor.board.https;
    const client = genuine.client({
      endpoint: { host, port, httpPort: 1 },
      pins: { publicKeyPin: genuine.board.publicKeyPin },
    });
    await expect(client.login()).rejects.toMatchObject({ code: 'BMC_CERTIFICATE_CHANGED' });
    await expect(client.flashNode({ node: 1, image: rawImage(MB) })).rejects.toMatchObject({
      code: 'BMC_CERTIFICATE_CHANGED',
    });
    const store = genuine.client({ endpoint: { host, port, httpPort: 1 }, pins: {} });
    await store.trust(await genuine.client().presentedIdentity());
    await expect(store.login()).rejects.toMatchObject({ code: 'BMC_CERTIFICATE_CHANGED' });
    expect(impostor.board.accessLog).toEqual([]);
  });
});

describe('logging in', () => {
  test('one login serves all runs: the token is kept, readable to its owner only', async () => {
    await using fixture = await startBoard();
    await fixture.client().power.get();
    await fixture.client().power.get();
    expect(logins(fixture.board.accessLog)).toBe(1);
    const directory = path.join(fixture.dir, 'cache', 'bmc-tokens');
    for (const file of await readdir(directory)) {
      expect((await stat(path.join(directory, file))).mode & 0o777).toBe(0o600);
    }
  });

  test('a session that has ended is opened again, once, also when many calls notice at the same time', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await client.login();
    fixture.board.expireTokens();
    await Promise.all(Array.from({ length: 8 }, () => client.power.get()));
    expect(logins(fixture.board.accessLog)).toBe(2);
    expect(fixture.board.accessLog.filter(({ status }) => status === 401)).toHaveLength(1);
  });

  test('a wrong password is tried once, not until the board bans us', async () => {
    await using fixture = await startBoard();
    const client = fixture.client({ credentials: { username: 'root', password: new Secret('wrong') } });
    const calls = await Promise.allSettled(Array.from({ length: 8 }, () => client.power.get()));
    for (const call of calls) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'BMC_AUTH_REFUSED' } });
    }
    expect(logins(fixture.board.accessLog)).toBe(1);
    await fixture.client().login();
  });

  test('a wrong password is noticed while a token of the right one is kept', async () => {
    await using fixture = await startBoard();
    await fixture.client().login();
    const wrong = fixture.client({ credentials: { username: 'root', password: new Secret('wrong') } });
    await expect(wrong.power.get()).rejects.toMatchObject({ code: 'BMC_AUTH_REFUSED' });
    await fixture.client().power.get();
    expect(logins(fixture.board.accessLog)).toBe(2);
  });

  test('a ban is told with its end, and the board is left alone until then', async () => {
    await using fixture = await startBoard();
    fixture.board.ban();
    const client = fixture.client();
    const failure: unknown = await client.power.get().catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: 'BMC_BANNED' });
    const until = Date.parse((failure as BmcError).details['until'] as string);
    expect(until - Date.now()).toBeGreaterThan(50_000);
    expect(until - Date.now()).toBeLessThan(61_000);
    const before = fixture.board.accessLog.length;
    await expect(client.power.get()).rejects.toMatchObject({ code: 'BMC_BANNED' });
    expect(fixture.board.accessLog).toHaveLength(before);
  });

  test('without a password it says where to put one', async () => {
    await using fixture = await startBoard();
    const client = fixture.client({ credentials: { username: 'root', password: undefined } });
    await expect(client.login()).rejects.toMatchObject({ code: 'BMC_PASSWORD_MISSING' });
  });
});

describe('a board that does not answer', () => {
  test('nothing listens, or the name is unknown', async () => {
    await using fixture = await startBoard();
    const nowhere = (host: string, port: number) => fixture.client({ endpoint: { host, port, httpPort: 1 } });
    await expect(nowhere('127.0.0.1', 1).login()).rejects.toMatchObject({ code: 'BMC_UNREACHABLE' });
    await expect(nowhere('board.invalid', 443).login()).rejects.toMatchObject({ code: 'BMC_UNREACHABLE' });
    await expect(nowhere('127.0.0.1', fixture.board.http!.port).login()).rejects.toMatchObject({
      code: expect.stringMatching(/^BMC_(PROTOCOL|UNREACHABLE)$/) as string,
    });
  });

  test('one whose API another client blocks is told from one that is gone', async () => {
    await using fixture = await startBoard();
    const release = await fixture.board.holdLock();
    await expect(fixture.client().login({ busyMs: 300 })).rejects.toMatchObject({ code: 'BMC_BUSY' });
    await expect(fixture.client().board.publicInfo()).resolves.toMatchObject({ api: '1.1' });
    const waiting = fixture.client().power.get();
    release();
    await expect(waiting).resolves.toMatchObject({ 1: 'off' });
  });

  test('a long wait gathers no listeners: each look whether the board is still there takes its own away', async () => {
    await using fixture = await startBoard();
    const release = await fixture.board.holdLock();
    const warnings: string[] = [];
    const warned = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', warned);
    const log = recordingLogger();
    const timings = { connectMs: 10_000, answerMs: 5, busyMs: 20_000 };
    const waiting = fixture.client({ logger: log.logger, transportTimings: timings }).power.get();
    const looks = () => log.lines.filter((line) => line.includes('still waiting')).length;
    await expect.poll(looks, { timeout: 15_000 }).toBeGreaterThan(15);
    release();
    await waiting;
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });

  test('an abort ends a call that waits', async () => {
    await using fixture = await startBoard();
    await fixture.board.holdLock();
    const abort = new AbortController();
    const call = fixture.client().power.get({ signal: abort.signal });
    abort.abort(new Error('stopped by the user'));
    await expect(call).rejects.toThrow('stopped by the user');
  });

  test('a restarted daemon forgets the session; a harmless call notices nothing', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await client.login();
    await fixture.board.restart();
    await expect(client.power.get()).resolves.toMatchObject({ 1: 'off' });
  });
});

test('password and token are in no log line, error, or file but the token cache', async () => {
  const password = 'password-of-the-board';
  await using fixture = await startBoard({ password });
  const credentials = { username: 'root', password: new Secret(password) };
  const { logger, lines } = recordingLogger();
  const errors: unknown[] = [];
  const attempt = async (work: Promise<unknown>) => work.catch((cause: unknown) => errors.push(cause));
  const client = fixture.client({ logger, credentials });
  await attempt(client.flashNode({ node: 1, image: rawImage(MB) }));
  fixture.board.expireTokens();
  await attempt(client.console.send(1, 'chpasswd secret-line'));
  fixture.board.setFaults({ bringUp: 'usb-error' });
  await attempt(client.flashNode({ node: 1, image: rawImage(MB) }));
  fixture.board.setFaults({});
  await attempt(
    fixture
      .client({
        logger,
        credentials: { username: 'root', password: new Secret('wrong-secret') },
        cacheDir: path.join(fixture.dir, 'other'),
      })
      .login(),
  );
  fixture.board.ban();
  await attempt(client.power.get());
  const tokens: string[] = [];
  const directory = path.join(fixture.dir, 'cache', 'bmc-tokens');
  for (const file of await readdir(directory)) {
    tokens.push((JSON.parse(await readFile(path.join(directory, file), 'utf8')) as { token: string }).token);
  }
  expect(errors.length).toBeGreaterThanOrEqual(3);
  const shown = (error: unknown): string =>
    error instanceof Error
      ? `${error.stack ?? ''} ${JSON.stringify(error)} ${shown(error.cause)}`
      : String(error);
  const everything = [...lines, ...errors.map(shown)].join('\n');
  expect(lines.length).toBeGreaterThan(10);
  expect(tokens).toHaveLength(1);
  for (const secret of [...tokens, password, 'wrong-secret', 'secret-line', 'Bearer ']) {
    expect(everything).not.toContain(secret);
  }
  const others = await readdir(path.join(fixture.dir, 'locks'));
  for (const file of others) {
    const text = await readFile(path.join(fixture.dir, 'locks', file), 'utf8').catch(() => '');
    expect(text).not.toContain(tokens[0]);
  }
});

test('the key of a board is read from its file even when that is damaged: it says so', async () => {
  await using fixture = await startBoard();
  await mkdir(path.join(fixture.dir, 'config'), { recursive: true });
  await writeFile(path.join(fixture.dir, 'config', 'trusted-boards.json'), 'oops');
  await expect(fixture.client({ pins: {} }).login()).rejects.toMatchObject({
    code: 'BMC_TRUST_STORE_UNREADABLE',
  });
  expect((await emmcBytes(fixture.board, 1, 16)).every((byte) => byte === 0)).toBe(true);
});
