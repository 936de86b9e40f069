import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandTree } from '../command-tree.js';
import { completeWords } from './complete-words.js';
import { valuesInReach } from './values-in-reach.js';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'turingpi-complete-'));
  await mkdir(path.join(cwd, 'kept'));
  for (const name of ['turing-1.img.xz', 'tpi_state.json']) await writeFile(path.join(cwd, 'kept', name), '');
  const one = 'cacheDir: kept\nnode1: { hostname: alpha, board: rk1 }\nnode4: {}\nworkflow: [\n';
  await writeFile(path.join(cwd, 'turingpi.yaml'), one); // somebody is just writing it
  await writeFile(path.join(cwd, 'lab.yaml'), 'boards: { shelf: { node2: {} }, rack: { node1: {} } }');
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

async function completed(line: string, config?: string) {
  const terminal = { environment: {}, stdout: new PassThrough(), stderr: new PassThrough(), cwd };
  const program = createCommandTree(terminal, () => undefined);
  const { candidates, paths } = await completeWords(
    program,
    line.split(' '),
    valuesInReach(terminal, config),
  );
  return { values: candidates.map(({ value }) => value), paths };
}

describe('completion', () => {
  it.each([
    ['commands', 'pl', ['plan', 'plugin']],
    ['commands of a group', 'node po', ['post-install', 'power']],
    ['values that are choices', 'node power cy', ['cycle']],
    ['options', 'up --until im', ['image']],
    ['phases of an option with its value', 'up --until=po', ['--until=post']],
    ['nodes of the configuration', 'up --node ', ['1', '4', 'all']],
    ['further nodes', 'up -n 1,', ['1,4', '1,all']],
    ['disks that may be erased', 'up --erase ', ['1', '4', 'new', 'all']],
    ['nodes after a command', 'node facts ', ['1', '4', 'all']],
    ['a place on a node', 'node copy x ', ['1:/', '4:/']],
    ['codes', 'explain BMC_UNTRUSTE', ['BMC_UNTRUSTED']],
    ['nothing that is hidden', 'comple', ['completion']],
    ['nothing after the last argument', 'image ls a.img / ', []],
  ])('offers %s', async (_what, line, values) => {
    expect((await completed(line)).values).toEqual(values);
  });

  it('offers options that are not given yet', async () => {
    const { values } = await completed('up --node 1 --');
    expect(values).toEqual(expect.arrayContaining(['--erase', '--json', '--accept-image-mismatch']));
    expect(values).not.toContain('--node');
    expect(values).not.toContain('--force');
  });

  it('offers nodes of several boards', async () => {
    const { values } = await completed('up -c lab.yaml --node ', 'lab.yaml');
    expect(values).toEqual(['shelf', 'shelf/2', 'rack', 'rack/1', 'all']);
  });

  it('offers images of the cache beside files, and those of the catalogue', async () => {
    const image = path.join(cwd, 'kept/turing-1.img.xz');
    expect(await completed('image info ')).toEqual({ values: [image], paths: 'files' });
    const { values } = await completed('init --image ubuntu/rk1=');
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) expect(value).toMatch(/^ubuntu\/rk1=ubuntu-/);
  });

  it('leaves files to the shell', async () => {
    expect(await completed('up --config=la')).toEqual({ values: [], paths: 'files' });
  });
});
