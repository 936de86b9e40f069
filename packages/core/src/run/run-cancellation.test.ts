import { existsSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { temporaryDirectory } from '../cluster/sample-cluster.fixture.js';
import { cancelledBy, CancelWatch, RunCancelled } from './run-cancellation.js';

const ID = '20260102T030405678-abcdef';
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

async function watched() {
  const directory = await temporaryDirectory();
  const file = path.join(directory, `${ID}.cancel`);
  const asked = vi.fn();
  return { directory, file, asked, watch: new CancelWatch(directory, ID, asked) };
}

it('finds a request within a second, tells it once, and removes it at the end', async () => {
  const { file, asked, watch } = await watched();
  vi.advanceTimersByTime(5000);
  expect(asked).not.toHaveBeenCalled();
  await writeFile(file, '{"by":"me"', { mode: 0o600 });
  vi.advanceTimersByTime(1000); // half of it is there
  await writeFile(file, '{"by":"me"}');
  vi.advanceTimersByTime(1000);
  expect(asked).toHaveBeenCalledWith('me');
  vi.advanceTimersByTime(5000);
  expect(asked).toHaveBeenCalledTimes(1);
  watch[Symbol.dispose]();
  expect(existsSync(file)).toBe(false);
});

it.each<[string, (file: string, directory: string) => Promise<unknown>]>([
  ['a file that others can write', async (file) => chmod(file, 0o666)],
  ['rubbish', async (file) => writeFile(file, '\0'.repeat(100_000))],
  ['nobody', async (file) => writeFile(file, '{"by":""}')],
])('takes no request of %s', async (_, change) => {
  const { file, directory, asked, watch } = await watched();
  await writeFile(file, '{"by":"me"}', { mode: 0o600 });
  await change(file, directory);
  vi.advanceTimersByTime(1000);
  expect(asked).not.toHaveBeenCalled();
  watch[Symbol.dispose]();
});

it('takes no request through a link, nor a directory', async () => {
  const { file, directory, asked, watch } = await watched();
  await writeFile(path.join(directory, 'elsewhere'), '{"by":"me"}', { mode: 0o600 });
  await symlink(path.join(directory, 'elsewhere'), file);
  vi.advanceTimersByTime(1000);
  watch[Symbol.dispose]();
  await mkdir(file);
  const again = new CancelWatch(directory, ID, asked);
  vi.advanceTimersByTime(1000);
  again[Symbol.dispose]();
  expect(asked).not.toHaveBeenCalled();
});

it('says who asked, as far as a signal tells', () => {
  expect(cancelledBy(new RunCancelled('somebody'))).toBe('somebody');
  expect(cancelledBy(Object.assign(new Error('x'), { by: 'SIGTERM' }))).toBe('SIGTERM');
  for (const reason of [undefined, 'x', new Error('x'), { by: 1 }])
    expect(cancelledBy(reason)).toBe('the program');
});
