import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuiltPage } from '../../packages/dashboard/src/page/built-page.fixture.js';
import { consecutivePorts } from '../support/site/consecutive-ports.js';
import { fromTarballs, npmInstall } from './npm-install.js';
import { packPackages, withOurDependencies } from './packed-packages.js';
import { requireRegistry } from './require-registry.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LIMIT_MS = 300_000;
/** The demo takes as long as all else here, and CI runs it for itself. */
const IS_FULL = process.env['PACKAGES'] === 'all';

const registry = await requireRegistry();

let folder: string;
let env: Record<string, string | undefined>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-newcomer-'));
  await mkdir(path.join(folder, 'home'));
  const inherited = Object.entries(process.env).filter(([name]) => !/^(XDG|TPI)_/.test(name));
  env = { ...Object.fromEntries(inherited), HOME: path.join(folder, 'home') };
  if (registry.missing) return;
  await ensureBuiltPage(); // else it is made where packages are published
  const packages = await packPackages(folder);
  // What `npm install @turingpi/cli` does once it is published.
  await npmInstall(
    path.join(folder, 'here'),
    fromTarballs(withOurDependencies(['@turingpi/cli'], packages), packages),
  );
}, LIMIT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs what a page says in a folder, as a shell does that stops at the first failure. */
async function shell(commands: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', commands], {
    cwd: path.join(folder, 'here'),
    env,
  });
  return stdout;
}

/** The shell commands of a page, block by block. */
async function blocksOf(page: string): Promise<readonly string[]> {
  const text = await readFile(path.join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
}

/** The block in which a command is first. */
function blockWith(blocks: readonly string[], command: RegExp): string {
  const found = blocks.find((block) => command.test(block));
  if (found === undefined) throw new Error(`the page has no ${String(command)} any more`);
  return found;
}

/** @throws Error when the page says something else by now */
function replace(text: string, what: string, by: string): string {
  if (!text.includes(what)) throw new Error(`the page has no "${what}" any more`);
  return text.replaceAll(what, by);
}

describe.skipIf(registry.missing)('who has nothing but the packages and the pages', () => {
  it(
    'comes to four configured nodes on a simulated board, without a file being edited',
    { timeout: LIMIT_MS },
    async () => {
      const blocks = await blocksOf('docs/getting-started.md');
      expect(blocks[0]).toBe('npm install @turingpi/cli\n');
      // The ports of the page may be taken where this runs.
      const first = await consecutivePorts(6);
      const there = (text: string) =>
        ['8443', '8080', '2201'].reduce(
          (all, port, index) => replace(all, port, String(first + index)),
          text,
        );
      const serve = there(blockWith(blocks, /^npx turingpi virtual-board /));
      const ask = there(blockWith(blocks, /^npx turingpi init --host/m));
      const images = /(--image ubuntu\S+) \\\n\s*(--image debian\S+)/.exec(ask)!;
      const told = there(blockWith(blocks, /^npx turingpi init --yes/));

      await using board = await serveBoard(serve);
      const answers = replace(
        replace(told, 'sha256:…', board.fingerprint),
        '--image … --image …',
        `${images[1]!} ${images[2]!}`,
      );
      const [login = ''] = ask.split('\n');
      const made = await shell(`${login}\n${answers}`);
      expect(made).toContain('turingpi.yaml');
      // What is exported in a terminal stays so in it.
      await shell(`${login}\n${blockWith(blocks, /^npx turingpi validate\n/)}`);
      const up = blockWith(blocks, /^npx turingpi up\n/);
      await shell(`${login}\n${replace(up, 'npx turingpi up\n', 'npx turingpi up --erase all\n')}`);

      const { nodes } = JSON.parse(await shell('npx turingpi status --json')) as {
        readonly nodes: Readonly<Record<string, Readonly<Record<string, { readonly status: string }>>>>;
      };
      const statuses = Object.values(nodes).flatMap((phases) =>
        Object.values(phases).map(({ status }) => status),
      );
      expect(statuses).toEqual(Array(12).fill('completed'));
      const again = await shell(`${login}\nnpx turingpi up --json`);
      expect(again).not.toContain('"phase:started"');
      expect(await readdir(path.join(folder, 'here'))).toContain('turingpi-key');
    },
  );

  it.runIf(IS_FULL)("comes to the demo's result", { timeout: LIMIT_MS }, async () => {
    expect(await shell('npx turingpi demo')).toContain('demo-output');
    expect(await readdir(path.join(folder, 'here/demo-output'))).toContain('turingpi.yaml');
  });
});

interface ServedBoard extends AsyncDisposable {
  readonly fingerprint: string;
}

/** Runs the command of the first terminal until it says that the board is there. */
async function serveBoard(command: string): Promise<ServedBoard> {
  const child = spawn('sh', ['-c', command], {
    ...{ cwd: path.join(folder, 'here'), env, detached: true },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let text = '';
  const fingerprint = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const [, found] = /^certificate (sha256:[0-9a-f]{64})$/m.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`the board has ended: ${text}`)));
  });
  return {
    fingerprint,
    [Symbol.asyncDispose]: async () => {
      process.kill(-child.pid!, 'SIGINT'); // as Ctrl-C does, to all that it has started
      await ended;
    },
  };
}
