import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { temporaryDirectory } from '../cluster/sample-cluster.fixture.js';
import { newRunId } from './run-id.js';
import { RunLog } from './run-log.js';
import { RunStore } from './run-store.js';
import { startedEvent } from './run-sample.fixture.js';

const note = (text: string) => ({ type: 'run:note' as const, at: new Date().toISOString(), text });

async function logIn(directory: string, warn = vi.fn()) {
  const log = new RunLog(path.join(directory, 'runs'), newRunId(new Date()), warn);
  const lines = async () =>
    (await readFile(log.file, 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { seq: number; text?: string });
  return { log, lines, warn };
}

it('adds lines that count up without gaps, readable for nobody else', async () => {
  const directory = await temporaryDirectory();
  const { log, lines, warn } = await logIn(directory);
  log.write(startedEvent());
  for (const text of ['a', 'b\nc', '\u2028']) log.write(note(text));
  expect((await lines()).map(({ seq }) => seq)).toEqual([0, 1, 2, 3]); // before it is closed
  log.close();
  expect((await lines()).map(({ text }) => text)).toEqual([undefined, 'a', 'b\nc', '\u2028']);
  expect((await stat(log.file)).mode & 0o777).toBe(0o600);
  expect((await stat(log.directory)).mode & 0o777).toBe(0o700);
  expect(warn).not.toHaveBeenCalled();
});

it('fails nothing where it cannot write, and says so once', async () => {
  const directory = await temporaryDirectory();
  await writeFile(path.join(directory, 'runs'), 'in the way');
  const { log, warn } = await logIn(directory);
  for (let count = 0; count < 3000; count += 1) log.write(note('x'));
  log.close();
  expect(warn).toHaveBeenCalledTimes(1);
});

it('writes into no directory of others, and through no link', async () => {
  const directory = await temporaryDirectory();
  const elsewhere = path.join(directory, 'elsewhere');
  await mkdir(elsewhere);
  await symlink(elsewhere, path.join(directory, 'runs'));
  const linked = await logIn(directory);
  linked.log.write(note('x'));
  linked.log.close();
  expect(linked.warn.mock.calls[0]?.[0]).toMatchObject({
    message: expect.stringContaining('no directory') as string,
  });

  const other = await temporaryDirectory();
  await mkdir(path.join(other, 'runs'));
  await chmod(path.join(other, 'runs'), 0o777);
  const open = await logIn(other);
  open.log.write(note('x'));
  expect(open.warn.mock.calls[0]?.[0]).toMatchObject({
    message: expect.stringContaining('written by others') as string,
  });
});

it('goes on without gaps when there is room again, and says what is lost', async () => {
  const directory = await temporaryDirectory();
  const inTheWay = path.join(directory, 'runs');
  await writeFile(inTheWay, '');
  const { log, lines } = await logIn(directory);
  for (let count = 0; count < 2010; count += 1) log.write(note(String(count)));
  spawnSync('rm', [inTheWay]);
  log.close();
  const written = await lines();
  expect(written.map(({ seq }) => seq)).toEqual(Array.from({ length: 2001 }, (_, index) => index));
  expect(written.at(-1)?.text).toBe('10 events could not be written here and are lost');
});

it('is read back as it was written, whatever its end was cut to', async () => {
  const directory = await temporaryDirectory();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 40 })), fc.nat(), async (texts, cut) => {
      const { log } = await logIn(directory);
      log.write(startedEvent());
      for (const text of texts) log.write(note(text));
      log.close();
      const whole = await readFile(log.file);
      const first = whole.indexOf(0x0a) + 1;
      const length = first + (cut % (whole.length - first + 1));
      await writeFile(log.file, whole.subarray(0, length));
      const read: unknown[] = [];
      for await (const event of new RunStore(log.directory).read(log.runId))
        if (event.type === 'run:note') read.push(event.text);
      expect(read).toEqual(texts.slice(0, read.length));
      expect(read).toHaveLength(whole.subarray(first, length).filter((byte) => byte === 0x0a).length);
    }),
    { numRuns: 40 },
  );
});
