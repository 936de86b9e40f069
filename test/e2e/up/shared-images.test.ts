import { mkdir, readdir, readFile, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { generateX25519Identity } from 'age-encryption';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site } from '../../support/site/site.js';

/*
 * Images that computers share. Another computer with the same state is this one without the image in its cache: how two
 * share a state, `test/fault/computers` shows.
 */
let site: Site;
let board: VirtualBoard;
let shared: string;
let env: Record<string, string>;

beforeAll(async () => {
  site = await makeSite();
  shared = path.join(site.directory, 'shared');
  await mkdir(shared);
  board = await startVirtualBoard({
    dir: path.join(site.directory, 'board'),
    nodes: [{ board: 'rk1' }],
    clock: { scale: 20 },
    httpPort: 'off',
  });
  await site.configure(board, {
    artifacts: { directory: shared },
    plugins: [path.resolve(import.meta.dirname, '../../../packages/artifacts')],
  });
  env = { TPI_SECRETS_KEY: await generateX25519Identity() };
}, 60_000);
afterAll(async () => {
  await board[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const turingpi = (words: readonly string[], over: Record<string, string> = {}) =>
  runCli([...words, '-c', site.configFile], { env: { ...env, ...over } });
const makeImage = (over?: Record<string, string>) =>
  turingpi(['up', '--until', 'image', '--erase', 'all', '--json'], over);
const image = () => path.join(site.cacheDir, 'site-1.img.xz');
const sharedFiles = async () =>
  (await readdir(shared, { recursive: true })).filter((name) => /[0-9a-f]{64}\.age$/.test(name));
const eventsOf = (stdout: string) =>
  jsonLines(stdout)
    .filter(({ phase }) => phase === 'image_customization')
    .map(({ event, type }) => event ?? type);

it('one computer makes the image, and another finds it: the plan says so, and nothing is made', async () => {
  const first = await makeImage();
  expect(first.exitCode, first.stdout + first.stderr).toBe(0);
  expect(eventsOf(first.stdout)).toContain('phase:completed');
  const made = await readFile(image());
  expect(await sharedFiles()).toHaveLength(1);

  await rm(image());
  const { stdout } = await turingpi(['plan', '--json']);
  const [planned] = (JSON.parse(stdout) as { nodes: { phases: { decision: string }[] }[] }).nodes;
  expect(planned?.phases[0]?.decision).toBe('skip');
  expect(await readdir(site.cacheDir)).not.toContain('site-1.img.xz'); // a plan only looks

  const second = await makeImage();
  expect(second.exitCode, second.stdout + second.stderr).toBe(0);
  expect(eventsOf(second.stdout)).toContain('phase:skipped');
  expect((await readFile(image())).equals(made)).toBe(true);
}, 60_000);

it('what was damaged, or is for other keys, is told and not taken: the image is made here', async () => {
  const made = await readFile(image());
  const [name = ''] = await sharedFiles();
  await rm(image());
  const stranger = await makeImage({ TPI_SECRETS_KEY: await generateX25519Identity() });
  expect(stranger.stdout).toContain('was encrypted for other keys');
  expect(stranger.exitCode).toBe(0);

  await truncate(path.join(shared, name), 5000);
  await rm(image());
  const damaged = await makeImage();
  expect(damaged.stdout).toContain('images are not shared');
  expect(damaged.exitCode).toBe(0);
  expect(eventsOf(damaged.stdout)).toContain('phase:completed');
  expect((await readFile(image())).equals(made)).toBe(true);
}, 60_000);
