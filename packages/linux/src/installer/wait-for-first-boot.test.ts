import { type CommandResult, RuntimeError, type SshTarget } from '@turingpi/runtime';
import type { Progress } from '@turingpi/foundation';

import { describe, expect, it } from 'vitest';
import { FakeSsh } from '../driver/fake-ssh.fixture.js';
import type { FirstBoot } from '../first-boot/first-boot.js';
import { FIRST_BOOT_DONE, FIRST_BOOT_FAILED } from '../first-boot/first-boot-service.js';
import { waitForFirstBoot } from './wait-for-first-boot.js';

const { signal } = new AbortController();
/** Milliseconds. */
const LIMIT_MS = 60_000;

/** Waits on a node that answers each command as told; gives what was said meanwhile. */
async function wait(
  how: FirstBoot,
  answer: (command: string) => Partial<CommandResult> | undefined,
  timeoutMs = LIMIT_MS,
): Promise<Progress[]> {
  const ssh = new FakeSsh();
  ssh.answer = answer;
  const session = await ssh.waitFor({ username: 'ops', host: '192.0.2.1' } as SshTarget, { signal });
  const told: Progress[] = [];
  await waitForFirstBoot(how, { session, signal, timeoutMs, progress: (progress) => told.push(progress) });
  return told;
}
const late = () => {
  throw new RuntimeError('COMMAND_TIMEOUT', 'no end in sight');
};

describe('the first boot of cloud-init', () => {
  it.each([0, 2])('is over with exit code %d', async (exitCode) => {
    expect(await wait('cloud-init', () => ({ exitCode, stdout: 'status: done' }))).toEqual([
      { activity: 'wait for first boot', limitMs: LIMIT_MS, note: 'cloud-init' },
    ]);
  });

  it('fails with what it says of itself', async () => {
    const answer = (command: string) =>
      command.endsWith('--long') ? { stdout: 'status: error\nno such package: htpo\n' } : { exitCode: 1 };
    await expect(wait('cloud-init', answer)).rejects.toMatchObject({
      code: 'FIRST_BOOT_FAILED',
      message: expect.stringContaining('no such package: htpo') as string,
    });
  });

  it('may not take for ever', async () => {
    await expect(wait('cloud-init', late)).rejects.toMatchObject({ code: 'BOOT_TIMEOUT' });
  });
});

describe('the first boot of our service', () => {
  it('is over when its mark is there', async () => {
    const commands: string[] = [];
    await wait('service', (command) => {
      commands.push(command);
      return { stdout: 'done\n' };
    });
    expect(commands).toEqual([expect.stringContaining(FIRST_BOOT_DONE)]);
  });

  it('fails when it left the other one', async () => {
    const answer = (command: string) => ({ stdout: command.includes(FIRST_BOOT_FAILED) ? 'failed\n' : '' });
    await expect(wait('service', answer)).rejects.toMatchObject({ code: 'FIRST_BOOT_FAILED' });
  });

  it('may not take for ever', async () => {
    await expect(wait('service', () => ({ stdout: '' }), -1)).rejects.toMatchObject({ code: 'BOOT_TIMEOUT' });
  });
});

describe('a first boot that leaves no word', () => {
  it.each(['running', 'degraded'])('is over in the state %s', async (state) => {
    expect(
      await wait('none', () => ({ stdout: `${state}\n`, exitCode: state === 'running' ? 0 : 1 })),
    ).toEqual([{ activity: 'wait for first boot', limitMs: LIMIT_MS, note: 'all units' }]);
  });

  it.each(['maintenance', 'stopping'])('fails in the state %s', async (state) => {
    const answer = () => ({ stdout: `${state}\n`, exitCode: 1 });
    await expect(wait('none', answer)).rejects.toMatchObject({ code: 'FIRST_BOOT_FAILED' });
  });

  it('may not take for ever, and passes on what is no such thing', async () => {
    await expect(wait('none', late)).rejects.toMatchObject({ code: 'BOOT_TIMEOUT' });
    const gone = () => {
      throw new RuntimeError('SSH_CONNECTION_LOST', 'gone');
    };
    await expect(wait('none', gone)).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  });
});
