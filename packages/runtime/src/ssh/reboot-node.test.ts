import { expect, it, vi } from 'vitest';
import { RuntimeError } from '../runtime-error.js';
import { rebootNode } from './reboot-node.js';
import type { SshSession } from './ssh-session.js';

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
