import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../cli.js';
// What it loads takes its time: before the first test, rather than in it.
import './image-catalog.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-image-catalog-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function turingpi(...words: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const argv = ['node', 'turingpi', 'image', 'catalog', ...words];
  const exitCode = await runCli(argv, { environment: {}, stdout, stderr, cwd: folder });
  for (const stream of [stdout, stderr]) stream.end();
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) };
}

const namesIn = (stdout: string) =>
  (JSON.parse(stdout) as { images: { name: string }[] }).images.map(({ name }) => name);

describe('turingpi image catalog', () => {
  it('says of each image who says what it is, and that nobody of us has fetched it', async () => {
    const { exitCode, stdout } = await turingpi();
    expect(exitCode).toBe(0);
    const names = namesIn((await turingpi('--json')).stdout);
    expect(names).toContain('ubuntu-24.04-rk1');
    expect(stdout.match(/; noted \d{4}-\d{2}; not fetched by us\n/g)).toHaveLength(names.length);
    const [table = ''] = stdout.split('\n\n');
    expect(table.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('lists those of one system or board', async () => {
    expect(namesIn((await turingpi('--json', '--board', 'cm4', '--os', 'debian')).stdout)).toEqual([
      'raspios-trixie-lite-cm4',
    ]);
    expect((await turingpi('--os', 'plan9')).stdout).toBe('no such image is known\n');
    const misspelt = await turingpi('--os', 'ubunut');
    expect(misspelt.stdout).toBe('no such image is known, did you mean `ubuntu`?\n');
  });

  it('takes catalogues of others, by file', async () => {
    const image = {
      ...{ name: 'own', title: 'Ours\u001b[2J', os: 'ubuntu', boards: ['rk1'], file: 'own.img.xz' },
      ...{ source: 'our build', noted: '2026-11-29', fetchedByUs: true },
    };
    const catalog = { version: 1, title: 'ours', images: [image] };
    await writeFile(path.join(folder, 'ours.json'), JSON.stringify(catalog));
    const { stdout } = await turingpi('--catalog', 'ours.json');
    expect(stdout).toContain('our build; noted 2026-11-29; fetched by us');
    expect(stdout).not.toContain('\u001b[2J');
    await writeFile(path.join(folder, 'ours.json'), '{}');
    const refused = await turingpi('--catalog', 'ours.json');
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain('CATALOG_UNREADABLE');
  });
});
