import path from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';

/*
 * A finished node whose actions change: what looks first is done again, what does not is not repeated unasked, and what is to
 * be done after a change is done once. The steps build on each other.
 */
let site: Site;
let board: VirtualBoard;
const turingpi = (...words: string[]) => runCli([...words, '-c', site.configFile]);
const APPEND = 'echo run >> /root/runs';

/** @param level - in a file of which a service has to be told */
async function configure(level: string): Promise<void> {
  const told = { onChange: [{ run: 'echo told >> /root/told', onRepeat: 'run' }] };
  const postInstall = [
    { write: { path: '/etc/app.conf', content: `level=${level}\n` }, ...told },
    { lineInFile: { path: '/etc/hosts', line: '10.0.0.9 nas' }, ...told },
    { mkdir: '/srv/app' },
    { symlink: { path: '/srv/link', target: 'app' } },
    { run: APPEND },
    { run: 'echo once >> /root/once', once: 'init' },
  ];
  await site.configure(board, {
    workflow: { ...usualWorkflow(site.publicKey, site.userPassword), postInstall },
  });
}

/** What actions said of themselves in a run: whether they changed something, or were not done. */
async function up(...words: string[]) {
  const { exitCode, stdout } = await turingpi('up', '--json', ...words);
  const events = jsonLines(stdout) as readonly { readonly event?: string; readonly changed?: boolean }[];
  const done = events.flatMap(({ event, changed }): (boolean | string | undefined)[] => {
    if (event === 'action:replayed') return ['replayed'];
    return event === 'action:completed' ? [changed] : [];
  });
  return { exitCode, stdout, done };
}

beforeAll(async () => {
  site = await makeSite();
  const dir = path.join(site.directory, 'board');
  board = await startVirtualBoard({ dir, nodes: [{ board: 'rk1' }], clock: { scale: 20 }, httpPort: 'off' });
}, 60_000);
afterAll(async () => {
  await board[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

test('at first everything is done, and what two steps ask for once', { timeout: 180_000 }, async () => {
  await configure('info');
  const { exitCode, stdout, done } = await up('--erase', 'all');
  expect(exitCode, stdout).toBe(0);
  expect(done).toEqual([true, true, true, true, undefined, undefined, undefined]);
});

test(
  'a changed step has the command after it asked about, and left undone here',
  { timeout: 60_000 },
  async () => {
    await configure('debug');
    const plan = await turingpi('plan');
    expect(plan.exitCode).toBe(6);
    expect(plan.stdout).toContain(`run command: ${APPEND} (done before; asked about before it repeats)`);
    const { exitCode, stdout, done } = await up();
    expect(exitCode).toBe(6);
    expect(stdout).toContain('ACTION_WOULD_REPEAT');
    expect(done).toEqual([true, false, false, false]);
  },
);

test('told so, it is repeated; what is done once is not', { timeout: 60_000 }, async () => {
  const { exitCode, stdout, done } = await up('--rerun');
  expect(exitCode, stdout).toBe(0);
  expect(done).toEqual([...Array<string>(4).fill('replayed'), undefined, 'replayed', undefined]);
  expect((await turingpi('plan')).exitCode).toBe(0);
});
