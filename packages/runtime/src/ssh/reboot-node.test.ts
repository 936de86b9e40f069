import { expect, it, vi } from 'vitest';
import { RuntimeError } from '../runtime-error.js';
import { rebootNode } from './reboot-node.js';
import type { SshSession } from './ssh-session.js';
import { waitForSsh } from './wait-for-ssh.js';

vi.mock(import('./wait-for-ssh.js'));

const TARGET = { host: '127.0.0.1', port: 1, username: 'u', auth: {}, hostKeys: [] };

it.each(['cat', 'reboot'])('closes its session when `%s` fails', async (program) => {
  const dispose = vi.fn(() => Promise.resolve());
  const failure = new RuntimeError('SSH_SUDO_REFUSED', 'no');
  const session = {
    exec: (command: readonly string[]) =>
      command[0] === program ? Promise.reject(failure) : Promise.resolve({ stdout: 'boot' }),
    [Symbol.asyncDispose]: dispose,
  } as unknown as SshSession;
  await expect(rebootNode(session, TARGET, { signal: new AbortController().signal })).rejects.toBe(failure);
  expect(dispose).toHaveBeenCalledTimes(1);
});

it('closes its session when it is aborted before it begins', async () => {
  const dispose = vi.fn(() => Promise.resolve());
  const reason = new Error('stopped');
  const session = {
    exec: () => Promise.reject(reason),
    [Symbol.asyncDispose]: dispose,
  } as unknown as SshSession;
  await expect(rebootNode(session, TARGET, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(dispose).toHaveBeenCalledTimes(1);
});

it('goes on waiting when the node lets it in once more before it goes down', async () => {
  const closed: string[] = [];
  const sessionOf = (name: string, boot: string | Error) =>
    ({
      exec: () => (typeof boot === 'string' ? Promise.resolve({ stdout: boot }) : Promise.reject(boot)),
      [Symbol.asyncDispose]: () => Promise.resolve(void closed.push(name)),
    }) as unknown as SshSession;
  const later = sessionOf('after', 'boot 2');
  vi.mocked(waitForSsh)
    .mockResolvedValueOnce(sessionOf('as before', 'boot 1'))
    .mockResolvedValueOnce(sessionOf('going down', new RuntimeError('SSH_CONNECTION_LOST', 'gone')))
    .mockResolvedValueOnce(later);
  const options = { signal: new AbortController().signal, intervalMs: 1 };
  expect(await rebootNode(sessionOf('first', 'boot 1'), TARGET, options)).toBe(later);
  expect(closed).toEqual(['first', 'as before', 'going down']);
});
