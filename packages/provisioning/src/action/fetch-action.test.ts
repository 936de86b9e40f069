import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ProcessLocalRuntime, type SshSession } from '@turingpi/runtime';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../core/src/cluster/sample-cluster.fixture.js';
import { FetchAction } from './fetch-action.js';

const run = promisify(execFile);

/** Fetches from this computer as if it were the node. */
async function fetch(paths: readonly string[], programs = process.env['PATH']) {
  const baseDir = await temporaryDirectory();
  const session = {
    place: 'root@node',
    exec: async ([program, ...words]: readonly string[]) =>
      run(program!, words, { env: { PATH: programs }, maxBuffer: 1 << 24 }),
    readFile: (name: string) => readFile(name),
  } as unknown as SshSession;
  const fetched = await new FetchAction().perform(
    { paths, to: 'kept' },
    {
      node: { id: 1, hostname: 'one', ipAddress: '10.0.0.1' },
      signal: new AbortController().signal,
      baseDir,
      progress: () => undefined,
      session: () => Promise.resolve(session),
      moveTo: () => Promise.reject(new Error('not used')),
      reboot: () => Promise.resolve(),
      local: new ProcessLocalRuntime(),
      digest: () => Promise.resolve(''),
      secret: () => Promise.reject(new Error('it needs none')),
      redact: (text) => text,
    },
  );
  return { baseDir, fetched };
}

describe.skipIf(process.platform === 'win32')('fetch', () => {
  it('copies files below the name of the node, and a folder as one file', async () => {
    const node = await temporaryDirectory();
    await mkdir(path.join(node, 'app'));
    await writeFile(path.join(node, 'app', 'data'), 'kept');
    await writeFile(path.join(node, 'file'), 'content');
    const { baseDir, fetched } = await fetch([path.join(node, 'file'), path.join(node, 'app')]);
    const below = path.join(baseDir, 'kept', 'one', node);
    expect(fetched).toEqual([path.join(below, 'file'), path.join(below, 'app.tar.gz')]);
    expect(await readFile(fetched[0]!, 'utf8')).toBe('content');
    expect((await run('tar', ['-xzOf', fetched[1]!, './data'])).stdout).toBe('kept');
  });

  it('does not write outside its folder, whatever a path says', async () => {
    const { baseDir, fetched } = await fetch(['/../../etc/hostname']);
    expect(fetched).toEqual([path.join(baseDir, 'kept', 'one', 'etc', 'hostname')]);
  });

  it('is not taken in by a folder of which nothing came', async () => {
    const node = await temporaryDirectory();
    const programs = await temporaryDirectory();
    for (const name of ['sh', 'base64']) {
      const program = (await run('sh', ['-c', `command -v ${name}`])).stdout.trim();
      await run('ln', ['-s', program, path.join(programs, name)]);
    }
    await expect(fetch([node], programs)).rejects.toMatchObject({ code: 'FOLDER_UNREADABLE' });
  });
});
