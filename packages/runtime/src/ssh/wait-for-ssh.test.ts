import { once } from 'node:events';
import { createServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { Secret } from '@turingpi/foundation';
import ssh2 from 'ssh2';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { generateHostKeys, type HostKeyPair } from '../keys/generate-host-keys.js';
import { connectSsh } from './connect-ssh.js';
import type { SshTarget } from './ssh-target.js';
import { type SshAttempt, waitForSsh } from './wait-for-ssh.js';

let keys: HostKeyPair[];
const closing: (() => void)[] = [];

beforeAll(async () => {
  keys = await generateHostKeys(['ed25519', 'ecdsa']);
});

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A node in this process that lets anyone in whose password is `right`, and runs `true`. */
function serveNode(
  port: number,
  options: { readonly key?: HostKeyPair; readonly refuse?: () => boolean } = {},
): ssh2.Server {
  const hostKey = (options.key ?? keys[0]!).privateKey.reveal();
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (attempt) => {
      const right = attempt.method === 'password' && attempt.password === 'right';
      if (right && options.refuse?.() !== true) attempt.accept();
      else attempt.reject(['password']);
    });
    connection.on('session', (accept) =>
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.once('data', (script: Buffer) => {
          const marks = ['start', 'end'].map(
            (name) => new RegExp(`\\[${name}-\\w+`).exec(script.toString())?.[0],
          );
          for (const stream of [channel, channel.stderr]) stream.write(`${marks[0]}]\n${marks[1]}]`);
          channel.exit(0);
          channel.end();
        });
      }),
    );
  });
  server.listen(port, '127.0.0.1');
  closing.push(() => server.close());
  return server;
}

/** A peer is left when it is understood to be none, with what it has said still unread: it hears of a reset then. */
const bear = (socket: Socket): Socket => socket.on('error', () => undefined);

async function reservedPort(): Promise<number> {
  const probe: TcpServer = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function target(port: number, password = 'right'): SshTarget {
  return {
    host: '127.0.0.1',
    port,
    username: 'ubuntu',
    auth: { password: new Secret(password) },
    hostKeys: [keys[0]!.publicKey],
  };
}

const signal = new AbortController().signal;
const quick = { signal, intervalMs: 10, timeoutMs: 2_000, refusalGraceMs: 60 };

describe('waitForSsh', () => {
  it('goes on until the node is there and lets us in', async () => {
    const port = await reservedPort();
    const seen: string[] = [];
    let refusals = 0;
    const onAttempt = ({ code, attempt }: SshAttempt): void => {
      seen.push(code);
      if (attempt === 2) serveNode(port, { refuse: () => (refusals += 1) <= 2 });
    };
    await using session = await waitForSsh(target(port), {
      ...quick,
      timeoutMs: 30_000,
      refusalGraceMs: 30_000,
      onAttempt,
    });
    expect((await session.exec('true')).exitCode).toBe(0);
    expect(seen.slice(0, 2)).toEqual(['SSH_UNREACHABLE', 'SSH_UNREACHABLE']);
    expect(seen).toContain('SSH_AUTH_REFUSED');
  });

  it('tells the last reason when time is over', async () => {
    const port = await reservedPort();
    await expect(waitForSsh(target(port), { ...quick, timeoutMs: 100 })).rejects.toMatchObject({
      code: 'SSH_UNREACHABLE',
      message: expect.stringMatching(/was not up after 0\.1 s: .*refused/) as string,
    });
  });

  it('gives up on a wrong key and on a refused login after a grace, not after all the time there is', async () => {
    const port = await reservedPort();
    serveNode(port, { key: keys[1]! });
    await expect(waitForSsh(target(port), { ...quick, timeoutMs: 600_000 })).rejects.toMatchObject({
      code: 'SSH_HOST_KEY_MISMATCH',
    });
    const other = await reservedPort();
    serveNode(other);
    await expect(waitForSsh(target(other, 'wrong'), { ...quick, timeoutMs: 600_000 })).rejects.toMatchObject({
      code: 'SSH_AUTH_REFUSED',
    });
  });

  it('tells a silent peer and one that is not SSH apart', async () => {
    const silent = createServer(bear).listen(0, '127.0.0.1');
    const web = createServer((socket) => bear(socket).end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    closing.push(
      () => silent.close(),
      () => web.close(),
    );
    await Promise.all([once(silent, 'listening'), once(web, 'listening')]);
    const codes: string[] = [];
    for (const server of [silent, web]) {
      const { port } = server.address() as AddressInfo;
      await waitForSsh(target(port), { ...quick, connectTimeoutMs: 100, timeoutMs: 150 }).catch(
        (error: unknown) => codes.push((error as { code: string }).code),
      );
    }
    expect(codes).toEqual(['SSH_TIMEOUT', expect.stringMatching(/SSH_PROTOCOL|SSH_UNREACHABLE/)]);
  });

  it('stops at once when aborted, and does not start without what it needs', async () => {
    const port = await reservedPort();
    const controller = new AbortController();
    const waiting = waitForSsh(target(port), {
      ...quick,
      signal: controller.signal,
      timeoutMs: 600_000,
      intervalMs: 600_000,
      onAttempt: () => controller.abort(new Error('enough')),
    });
    await expect(waiting).rejects.toThrow('enough');
    await expect(waitForSsh({ ...target(port), hostKeys: [] }, quick)).rejects.toMatchObject({
      code: 'SSH_HOST_KEY_UNKNOWN',
    });
    await expect(waitForSsh({ ...target(port), auth: {} }, quick)).rejects.toMatchObject({
      code: 'SSH_AUTH_MISSING',
    });
    const bad = { ...target(port), auth: { privateKey: new Secret('not a key') } };
    await expect(waitForSsh(bad, quick)).rejects.toMatchObject({ code: 'SSH_PRIVATE_KEY_INVALID' });
  });

  it('is stopped while somebody decides about a key, and an answer that comes later does no harm', async () => {
    const port = await reservedPort();
    serveNode(port);
    const stop = new AbortController();
    let answer: (accepted: boolean) => void = () => undefined;
    let tellAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (tellAsked = resolve));
    const connecting = connectSsh(
      {
        ...target(port),
        hostKeys: () => {
          tellAsked();
          return new Promise<boolean>((resolve) => (answer = resolve));
        },
      },
      { signal: stop.signal },
    );
    await asked;
    stop.abort(new Error('stopped'));
    await expect(connecting).rejects.toThrow('stopped');
    answer(true);
    await new Promise((resolve) => setImmediate(resolve)); // an error of the library would be unhandled here
  });

  it('asks a decision about a key that is not known', async () => {
    const port = await reservedPort();
    serveNode(port);
    const presented: string[] = [];
    const asking: SshTarget = {
      ...target(port),
      hostKeys: ({ fingerprint }) => {
        presented.push(fingerprint);
        return presented.length > 1;
      },
    };
    await using session = await waitForSsh(asking, quick);
    expect(presented).toEqual([keys[0]!.fingerprint, keys[0]!.fingerprint]);
    expect(session.hostKey).toBe(keys[0]!.publicKey.split(' ').slice(0, 2).join(' '));
  });
});
