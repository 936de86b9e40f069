import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { runHostCommand } from './host-command.js';

it('ends a program, however stubborn, when nobody waits for it any more', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'host-command-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'pid');
  const stop = new AbortController();
  const reason = new Error('enough');
  const script = `trap '' TERM; echo $$ >"$0"; exec sleep 600`;
  const ended = expect(runHostCommand('sh', ['-c', script, file], { signal: stop.signal })).rejects.toBe(
    reason,
  );
  const pid = await vi.waitFor(async () => {
    const found = Number(await readFile(file, 'utf8'));
    expect(found).toBeGreaterThan(0);
    return found;
  });
  stop.abort(reason);
  await ended;
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
});

it('begins nothing when nobody waits from the start', async () => {
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  await expect(runHostCommand('true', [], { signal })).rejects.toBe(reason);
});
